import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import {
  longTasks,
  noteLongTasks,
  noteShifts,
  noteUsable,
  report,
  shifted,
  usable,
} from "../speed";
import { Spoor } from "../spoor";
import { expect, password, setFirstPassword, test } from "../test";

/** Of the invented organisation: the server that steers its attack, and one that all hosts talk to. */
const addresses = { control: "203.0.113.77", busy: "10.1.10.10" };

test("how fast a page can be used, and how smoothly a timeline scrolls, on the demo's data", async ({
  page,
}) => {
  test.setTimeout(600_000);
  const demo = await Spoor.demo();
  try {
    await setFirstPassword(demo);
    await page.request.post(`${demo.url}/api/session`, { data: { user: "admin", password } });
    // As where somebody signed in by the form.
    await page.addInitScript(() => localStorage.setItem("spoor.signedIn", "yes"));
    await noteLongTasks(page);
    await noteUsable(page);
    const loading = await load(page, `${demo.url}/ip/${addresses.control}`);
    const scrolling = await scroll(page, `${demo.url}/ip/${addresses.busy}?tab=timeline`);
    await report("ip-page", { ...loading, ...scrolling });
    await noteShifts(page);
    await report("shifts", await shifts(page, demo.url));
  } finally {
    await demo.stop();
  }
});

/** Loads a page several times; the first time nothing of it is in the browser's cache. */
async function load(page: Page, url: string): Promise<Record<string, number>> {
  const scripts: Promise<number>[] = [];
  const charts: Promise<number>[] = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!/\.js$/.test(pathname)) return;
    const size = response.body().then((body) => gzipSync(body).length / 1000);
    // Chart and map come when they are first needed.
    (/\/(Chart|WorldMap)-/.test(pathname) ? charts : scripts).push(size);
  });
  const times: number[] = [];
  let sizes: number[] = [];
  const tasks: number[] = [];
  for (let i = 0; i < 9; i++) {
    await page.goto(url);
    times.push(await usable(page));
    await expect(page.getByRole("img", { name: /Devices and records/ })).toBeVisible();
    await page.waitForLoadState("networkidle");
    if (i === 0) sizes = [sum(await Promise.all(scripts)), sum(await Promise.all(charts))];
    tasks.push(...(await longTasks(page)));
  }
  const [first = 0] = times;
  return {
    "usable after, nothing cached, ms": first,
    "usable after, median ms": median(times),
    "usable after, slowest ms": Math.max(...times),
    "tasks over 50 ms a load": tasks.length / times.length,
    "longest task while loading, ms": Math.max(0, ...tasks),
    "scripts of the first load, gzipped kB": sizes[0] ?? 0,
    "chart and map after it, gzipped kB": sizes[1] ?? 0,
  };
}

/** The pages of which it is measured how far what is in sight moves while they load. */
const pages = {
  "IP page": `/ip/${addresses.control}`,
  "IP page of a busy server": `/ip/${addresses.busy}`,
  timeline: `/ip/${addresses.control}?tab=timeline`,
  connections: `/ip/${addresses.control}?tab=connections`,
  "prefix page": "/entity/cidr/203.0.113.0%2F24",
  home: "/",
  query: `/query?q=${encodeURIComponent("DeviceNetworkEvents | take 100")}`,
  sources: "/sources",
};

async function shifts(page: Page, url: string): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(`${url}${path}`);
    await page.waitForLoadState("networkidle");
    await expect(page.getByRole("main").locator("[data-holds]")).toHaveCount(0);
    figures[`layout shift of ${name}`] = await shifted(page);
  }
  return figures;
}

async function scroll(page: Page, url: string): Promise<Record<string, number>> {
  await page.goto(url);
  const grid = page.getByRole("grid", { name: "Records" });
  await expect(grid.getByRole("row")).not.toHaveCount(0);
  await page.waitForLoadState("networkidle");
  await longTasks(page);
  await grid.hover();
  for (let i = 0; i < 80; i++) {
    await page.mouse.wheel(0, 240);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const tasks = await longTasks(page);
  return {
    "tasks over 50 ms while scrolling": tasks.length,
    "longest of these, ms": Math.max(0, ...tasks),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
