import type { Page } from "@playwright/test";
import { clean } from "../axe";
import { expect, password, signIn, test } from "../test";

test("the keyboard alone leads from the sign-in to the hunt", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByLabel("User")).toBeFocused();
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("203.0.113.50");
  await page.keyboard.press("Enter");
  const hunt = page.getByRole("link", { name: "Go hunt" });
  await expect(hunt).toBeVisible();
  for (let i = 0; i < 20 && !(await hunt.evaluate((e) => e === document.activeElement)); i++) {
    await page.keyboard.press("Tab");
  }
  await expect(hunt).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Query text")).toHaveValue(/203\.0\.113\.50/);
  await expect(page.getByRole("table", { name: "Result rows" })).toBeVisible();
});

test("dark is dark, and is remembered", async ({ analyst }) => {
  const brightness = () =>
    analyst.getByRole("banner").evaluate((e) => {
      const [r = 0, g = 0, b = 0] = (getComputedStyle(e).backgroundColor.match(/\d+/g) ?? []).map(
        Number,
      );
      return (r + g + b) / 3;
    });
  await analyst.goto("/");
  // The frame that stands until the session is known goes, and its banner with it.
  await expect.poll(brightness).toBeGreaterThan(200);
  await analyst.getByRole("button", { name: "admin" }).click();
  await analyst.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect.poll(brightness).toBeLessThan(80);
  await analyst.reload();
  await expect.poll(brightness).toBeLessThan(80);
});

const pages = [
  "/ip/203.0.113.50",
  "/ip/192.0.2.200",
  "/ip/203.0.113.50?compare=previous",
  "/ip/10.20.0.11",
  "/ip/203.0.113.50?tab=observed",
  "/ip/203.0.113.50?tab=observed&show=peers",
  "/ip/198.51.100.77?tab=alerts",
  "/ip/192.0.2.200?tab=alerts",
  "/entity/cidr/203.0.113.0%2F24",
  "/triage?q=203.0.113.50",
  "/sources",
  "/query?q=print%20x%20%3D%201",
];

/** Those without a table. */
const bare = [
  "/ip/203.0.113.50?tab=notes",
  "/ip/203.0.113.50?tab=intel",
  "/triage",
  "/query",
  "/ip/not-an-address",
  "/nowhere",
];

for (const path of pages) {
  test(`${path} breaks no rule of accessibility`, async ({ analyst }) => {
    await open(analyst, path);
    await clean(analyst);
  });
}

test("nor do pages without a table", async ({ analyst }) => {
  for (const path of bare) {
    await analyst.goto(path);
    await analyst.waitForLoadState("networkidle");
    await clean(analyst);
  }
});

test("nor does a page on a narrow screen", async ({ analyst }) => {
  await analyst.setViewportSize({ width: 768, height: 1000 });
  await analyst.goto("/ip/203.0.113.50?tab=timeline");
  await expect(analyst.getByRole("grid", { name: "Records" })).toBeVisible();
  const facets = analyst.getByRole("region", { name: "Facets" });
  await expect(facets).toBeHidden();
  await analyst.getByRole("button", { name: "Narrow by facets" }).click();
  await expect(facets).toBeVisible();
  await clean(analyst);
  // Every tab is within reach, without scrolling sideways.
  for (const tab of await analyst.getByRole("tab").all()) {
    await expect(tab).toBeInViewport({ ratio: 1 });
  }
});

test("no page asks anybody else, or breaks the policy that forbids it", async ({
  page,
  baseURL,
}) => {
  const foreign: string[] = [];
  const refused: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${baseURL}/`) && !url.startsWith("blob:")) foreign.push(url);
  });
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) refused.push(message.text());
  });
  await page.goto("/");
  await signIn(page, "admin", password);
  await expect(page.getByRole("table").first()).toBeVisible();
  for (const path of pages) {
    await page.goto(path);
    await expect(page.getByRole("table").first()).toBeVisible();
  }
  expect(foreign).toEqual([]);
  expect(refused).toEqual([]);
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("table").first()).toBeVisible();
}
