import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
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
  expect(await brightness()).toBeGreaterThan(200);
  await analyst.getByRole("button", { name: "admin" }).click();
  await analyst.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect.poll(brightness).toBeLessThan(80);
  await analyst.reload();
  await expect.poll(brightness).toBeLessThan(80);
});

const pages = [
  "/",
  "/ip/203.0.113.50",
  "/ip/192.0.2.200",
  "/ip/203.0.113.50?compare=previous",
  "/ip/10.20.0.11",
  "/ip/203.0.113.50?tab=observed",
  "/ip/203.0.113.50?tab=observed&show=peers",
  "/ip/198.51.100.77?tab=alerts",
  "/ip/192.0.2.200?tab=alerts",
  "/sources",
  "/query?q=print%20x%20%3D%201",
];

test("no page breaks a rule of accessibility", async ({ analyst }) => {
  for (const path of pages) {
    await open(analyst, path);
    expect(await violations(rules(analyst), path)).toEqual([]);
  }
});

test("what is written can be read in the dark, too", async ({ analyst }) => {
  await analyst.emulateMedia({ colorScheme: "dark" });
  for (const path of pages) {
    await open(analyst, path);
    expect(await violations(rules(analyst).withRules("color-contrast"), path)).toEqual([]);
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
  await expect(page.getByRole("table")).toBeVisible();
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

function rules(page: Page): AxeBuilder {
  // Left out are the component library's own focus markers, which pass the focus on at once.
  return new AxeBuilder({ page }).exclude("[data-tabster-dummy]");
}

async function violations(builder: AxeBuilder, path: string): Promise<string[]> {
  const found = await builder.analyze();
  return found.violations.map((v) => `${path}: ${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`);
}
