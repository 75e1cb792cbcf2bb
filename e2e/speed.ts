import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";

/** Where what a run measured is left. */
const folder = join(import.meta.dirname, "test-results");

/** Figures by what they are of, with their unit in the name. They are kept, not judged. */
export async function report(name: string, figures: Record<string, number>): Promise<void> {
  const text = JSON.stringify(figures, null, 1);
  process.stdout.write(`speed of ${name}: ${text.replaceAll(/\s+/g, " ")}\n`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `speed-${name}.json`), `${text}\n`);
}

/** Has the page note its long tasks, from its first line on. */
export async function noteLongTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: "longtask", buffered: true });
  });
}

/** Has the page add up by how much what is in sight moved without anybody having asked for it. */
export async function noteShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry as unknown as Shift;
        if (!hadRecentInput) shifts.push(value);
      }
    }).observe({ type: "layout-shift", buffered: true });

    interface Shift {
      value: number;
      hadRecentInput: boolean;
    }
  });
}

/** That sum since the page was loaded, as the Layout Instability API counts it. */
export async function shifted(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { shifts } = window as unknown as { shifts: number[] };
    return shifts.reduce((sum, value) => sum + value, 0);
  });
}

/** Has the page note when it can be used: its answer stands, and its main thread has time. */
export async function noteUsable(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const usable = new Promise<number>((done) => {
      const seen = new MutationObserver(() => {
        if (document.querySelector("section[aria-label=Answer]") === null) return;
        seen.disconnect();
        requestIdleCallback(() => done(performance.now()));
      });
      seen.observe(document, { childList: true, subtree: true });
    });
    Object.assign(window, { usable });
  });
}

/** That moment, in ms from when the page was asked for. */
export async function usable(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { usable: Promise<number> }).usable);
}

/** The lengths (ms) of the long tasks so far; they are then forgotten. */
export async function longTasks(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const { longTasks } = window as unknown as { longTasks: number[] };
    return longTasks.splice(0);
  });
}
