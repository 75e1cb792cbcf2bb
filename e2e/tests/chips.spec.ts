import type { Locator, Page } from "@playwright/test";
import { clean } from "../axe";
import { expect, test } from "../test";

const items = [
  "Open its page",
  "Open its page in a new tab",
  "Open it in a panel Shift+click",
  "Hunt: where it stands",
  "Search every table for it",
  "Add to triage",
  "Watch it, or write a note",
  "Copy as it is",
  "Copy defanged",
  "Copy for KQL",
];

/** Where an address of a device stands, by the page it is on. */
const places: [string, (page: Page) => Locator][] = [
  ["/ip/203.0.113.50", (page) => page.getByRole("table", { name: "Devices" })],
  ["/ip/203.0.113.50", (page) => page.getByRole("region", { name: "First contacts" })],
  ["/ip/203.0.113.50?tab=connections", (page) => page.getByRole("table", { name: "Connections" })],
  ["/ip/203.0.113.50?tab=timeline", (page) => page.getByRole("grid", { name: "Records" })],
  [
    `/query?q=${encodeURIComponent('DeviceNetworkEvents | where DeviceName has "ada-ws" | take 1')}`,
    (page) => page.getByRole("table", { name: "Result rows" }),
  ],
];

test("a device is the same chip with the same menu wherever it stands", async ({ analyst }) => {
  for (const [path, place] of places) {
    await analyst.goto(path);
    const chip = place(analyst).getByRole("link", { name: "ada-ws.example.test" }).first();
    await chip.click({ button: "right" });
    const menu = analyst.getByRole("menu");
    await expect(menu.getByRole("menuitem")).toHaveText(
      items.map((t) => t.replace(" Shift", "Shift")),
    );
    await analyst.keyboard.press("Escape");
    await expect(menu).toHaveCount(0);
    await expect(chip).toBeFocused();
  }
});

test("the menu opens by keyboard, and its ways lead where they say", async ({
  analyst,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await analyst.goto("/ip/203.0.113.50");
  const devices = analyst.getByRole("table", { name: "Devices" });
  const button = devices.getByRole("button", { name: "What to do with 10.20.0.12" });
  await button.focus();
  await analyst.keyboard.press("Enter");
  await expect(analyst.getByRole("menuitem", { name: "Open its page", exact: true })).toBeFocused();
  await clean(analyst);
  await analyst.getByRole("menuitem", { name: "Copy defanged" }).press("Enter");
  await expect(button).toBeFocused();
  expect(await analyst.evaluate(() => navigator.clipboard.readText())).toBe("10[.]20[.]0[.]12");

  await analyst.keyboard.press("Enter");
  await analyst.getByRole("menuitem", { name: /^Open it in a panel/ }).press("Enter");
  const panel = analyst.getByRole("dialog");
  await expect(panel).toContainText("10.20.0.12");
  await clean(analyst);
  await analyst.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);

  await devices.getByRole("link", { name: "bob-ws.example.test" }).click({ modifiers: ["Shift"] });
  await expect(analyst.getByRole("dialog")).toContainText("bob-ws.example.test");
  await analyst.getByRole("dialog").getByRole("link", { name: "Hunt" }).click();
  await expect(analyst.getByLabel("Query text")).toHaveValue(
    /Kind == "device" and Entity == "bob-ws.example.test"/,
  );
  await expect(analyst.getByRole("table", { name: "Result rows" })).toBeVisible();
});

test("what arrives late takes no focus away", async ({ analyst }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await analyst.route("**/api/columnsets", async (route) => {
    await released;
    await route.continue();
  });
  await analyst.goto("/ip/203.0.113.50");
  const button = analyst
    .getByRole("table", { name: "Devices" })
    .getByRole("button", { name: "What to do with 10.20.0.12" });
  await button.focus();
  const arrived = analyst.waitForResponse("**/api/columnsets");
  release();
  await (await arrived).finished();
  await analyst.keyboard.press("Enter");
  await expect(analyst.getByRole("menuitem", { name: "Open its page", exact: true })).toBeFocused();
  await analyst.keyboard.press("Escape");
  await expect(button).toBeFocused();
});

test("a chip in the timeline does not open the record that it stands in", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=timeline");
  const grid = analyst.getByRole("grid", { name: "Records" });
  await grid.getByRole("link", { name: "ada-ws.example.test" }).first().click();
  await expect(analyst).toHaveURL(/\/entity\/device\/ada-ws/);
});
