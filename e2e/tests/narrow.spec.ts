import type { Locator } from "@playwright/test";
import { expect, test } from "../test";

test.use({ viewport: { width: 768, height: 900 } });

async function box(of: Locator) {
  const place = await of.boundingBox();
  if (place === null) throw new Error("it is not to be seen");
  return place;
}

test("in a narrow window an address in a table stays on one line", async ({ analyst }) => {
  await analyst.goto("/ip/198.51.100.99?tab=connections");
  const cell = analyst
    .getByRole("table", { name: "Beacon scores" })
    .getByRole("link", { name: "198.51.100.99", exact: true });
  expect((await box(cell)).height).toBeLessThan(25);
});

test("in a narrow window the filters and their pickers share a line", async ({ analyst }) => {
  await analyst.goto("/ip/198.51.100.99");
  const filters = await box(analyst.getByLabel("Filters as KQL"));
  const range = await box(analyst.getByRole("button", { name: /^Time range/ }));
  expect(Math.abs(range.y - filters.y)).toBeLessThan(10);
});

test("in a narrow window the picture of a kind stands beside a long name", async ({ analyst }) => {
  const hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  await analyst.goto(`/entity/hash/${hash}`);
  await analyst.getByRole("link", { name: "Go hunt" }).waitFor();
  const name = await box(analyst.getByRole("heading", { name: hash }));
  const picture = await box(analyst.getByRole("img", { name: "Hash" }));
  expect(picture.y).toBeGreaterThan(name.y);
  expect(picture.x + picture.width).toBeLessThan(name.x);
});

test("in a narrow window the name of a device is not broken", async ({ analyst }) => {
  await analyst.goto("/ip/198.51.100.44?tab=observed");
  const name = analyst
    .getByRole("table", { name: "Devices" })
    .getByRole("link", { name: "acct01.campaign.test" });
  expect((await box(name)).height).toBeLessThan(25);
});
