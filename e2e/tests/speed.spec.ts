import { gzipSync } from "node:zlib";
import { longTasks, noteLongTasks, report } from "../speed";
import { expect, test } from "../test";

test("how fast a page can be used, and how smoothly its timeline scrolls", async ({ analyst }) => {
  await noteLongTasks(analyst);
  let scripts = Promise.resolve(0);
  analyst.on("response", (response) => {
    if (!/\.js$/.test(new URL(response.url()).pathname)) return;
    scripts = Promise.all([scripts, response.body()]).then(
      ([sum, body]) => sum + gzipSync(body).length,
    );
  });
  const times: number[] = [];
  let first = 0;
  for (let i = 0; i < 5; i++) {
    await analyst.goto("/ip/198.51.100.7");
    // Usable: the answer stands, and the page's main thread has time.
    await expect(analyst.getByRole("region", { name: "Answer" })).toBeVisible();
    times.push(
      await analyst.evaluate(
        () =>
          new Promise<number>((done) => {
            requestIdleCallback(() => done(performance.now()));
          }),
      ),
    );
    if (i === 0) first = await scripts;
  }
  const loading = await longTasks(analyst);
  await analyst.getByRole("tab", { name: "Timeline" }).click();
  const grid = analyst.getByRole("grid", { name: "Records" });
  await expect(grid.getByRole("row")).not.toHaveCount(0);
  await longTasks(analyst);
  await grid.hover();
  for (let i = 0; i < 40; i++) {
    await analyst.mouse.wheel(0, 240);
    await analyst.evaluate(() => new Promise(requestAnimationFrame));
  }
  const scrolling = await longTasks(analyst);
  await report("ip-page", {
    "usable after, median ms": median(times),
    "usable after, slowest ms": Math.max(...times),
    "longest task while loading, ms": Math.max(0, ...loading),
    "scripts of the first load, gzipped kB": first / 1000,
    "tasks over 50 ms while scrolling": scrolling.length,
    "longest of these, ms": Math.max(0, ...scrolling),
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
