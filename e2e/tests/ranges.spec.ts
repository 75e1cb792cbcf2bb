import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { clean } from "../axe";
import { expect, test } from "../test";

interface Address {
  address: string;
  devices: number;
  outcome: string;
  records: number;
  sourceKind: string;
  first: string;
}

async function listed(page: Page, path: string): Promise<Address[]> {
  const answer = await page.request.get(`/api/entities/${path}`);
  expect(answer.status()).toBe(200);
  return ((await answer.json()) as { items: Address[] }).items;
}

test("a /24: from the search to its addresses, one of them, and back", async ({ analyst }) => {
  await analyst.goto("/");
  await analyst.keyboard.press("Control+k");
  const box = analyst.getByRole("combobox", { name: "Search" });
  await box.fill("198[.]51[.]100[.]7/24");
  const option = analyst.getByRole("option", { name: /Prefix.*198\.51\.100\.0\/24.*seen/ });
  await expect(option).toBeVisible();
  await box.press("Enter");
  await expect(analyst).toHaveURL(/\/entity\/cidr\/198\.51\.100\.0%2F24/);
  await expect(analyst.getByRole("heading", { level: 1, name: "198.51.100.0/24" })).toBeVisible();
  await expect(analyst.getByRole("img", { name: /^Devices and records per day/ })).toBeVisible();
  const facts = analyst.getByRole("complementary", { name: "Facts" });
  await expect(facts).toContainText("256 addresses");
  await clean(analyst);

  // The scanner knocked at 130 doors and the beacon called 40 times.
  const card = analyst.getByRole("region", { name: "Addresses", exact: true });
  const rows = card.getByRole("table", { name: "Addresses" }).getByRole("row");
  const scanner = rows.filter({ hasText: "198.51.100.7" }).filter({ hasText: "refused" });
  await expect(scanner).toContainText("130 zeek.conn");
  const beacon = rows.filter({ hasText: "198.51.100.99" });
  await expect(beacon).toContainText("40 zeek.conn");
  await expect(beacon).toContainText("established");
  await expect(rows.filter({ hasText: "203.0.113" })).toHaveCount(0);

  const ladder = analyst.getByRole("region", { name: "First contacts" });
  await expect(ladder).toContainText("with 198.51.100.99");

  await beacon.getByRole("link", { name: "198.51.100.99" }).click();
  await expect(analyst).toHaveURL(/\/ip\/198\.51\.100\.99\?from=.*&to=/);
  await expect(analyst.getByRole("heading", { level: 1, name: "198.51.100.99" })).toBeVisible();
  await analyst.goBack();
  await expect(rows.filter({ hasText: "198.51.100.99" })).toBeVisible();
});

test("the list of addresses is sorted, filtered and exported as the API gives it", async ({
  analyst,
}) => {
  await analyst.goto("/entity/cidr/198.51.100.0%2F24?tab=observed");
  const card = analyst.getByRole("region", { name: "Addresses", exact: true });
  const rows = card.getByRole("table", { name: "Addresses" }).getByRole("row");
  await card.getByRole("button", { name: "Devices" }).click();
  await expect(analyst).toHaveURL(/sort=devices/);
  await expect(rows.nth(1)).toContainText("198.51.100.7");
  await clean(analyst);

  const all = await listed(analyst, "cidr/198.51.100.0%2F24/addresses?sort=devices");
  expect(all[0]).toMatchObject({ address: "198.51.100.7", devices: 130, outcome: "refused" });
  await card.getByRole("button", { name: `Export all ${all.length} addresses` }).click();
  const [file] = await Promise.all([
    analyst.waitForEvent("download"),
    analyst.getByRole("menuitem", { name: "JSON lines", exact: true }).click(),
  ]);
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
  const exported = lines.map((line) => JSON.parse(line));
  expect(exported.map((row) => [row.Address, row.Devices, row.Outcome, row.Records])).toEqual(
    all.map((a) => [a.address, a.devices, a.outcome, a.records]),
  );
  expect(exported.map((row) => Date.parse(row.First))).toEqual(all.map((a) => Date.parse(a.first)));

  await card.getByLabel("Filter addresses").fill("100.9");
  await expect(card.getByRole("status")).toHaveText("1 address");
  await analyst.reload();
  await expect(rows.nth(1)).toContainText("198.51.100.99");

  // Each line says what the page of its address says.
  for (const a of all) {
    const page = await analyst.request.get(`/api/entities/ip/${a.address}`);
    const { prevalence } = (await page.json()) as {
      prevalence: { devices: number; sourceKind: string };
    };
    expect([a.address, a.devices, a.sourceKind]).toEqual([
      a.address,
      prevalence.devices,
      prevalence.sourceKind,
    ]);
  }
});

test("its timeline has the records of all of its addresses, each once", async ({ analyst }) => {
  await analyst.goto("/entity/cidr/198.51.100.96%2F28?tab=timeline");
  const card = analyst.getByRole("region", { name: "Timeline" });
  await expect(card).toContainText("of 40 records");
  await expect(card).toContainText("198.51.100.99");
  await clean(analyst);

  // So have its connections, which look as regular as on the page of the address.
  await analyst.goto("/entity/cidr/198.51.100.96%2F28?tab=connections");
  const lines = analyst.getByRole("table", { name: "Connections" }).getByRole("row");
  await expect(lines.nth(1)).toContainText("198.51.100.99");
  const beacons = await analyst.request.get("/api/entities/cidr/198.51.100.96%2F28/beacons");
  const alone = await analyst.request.get("/api/entities/ip/198.51.100.99/beacons");
  const score = async (answer: typeof alone) => (await answer.json()).items[0].score;
  expect(await score(beacons)).toBe(await score(alone));
});

test("an address leads to its prefix, one alone leads back, and what was not seen is said", async ({
  analyst,
}) => {
  await analyst.goto("/ip/198.51.100.99");
  const neighbours = analyst.getByRole("region", { name: "Neighbours seen here" });
  await neighbours.getByRole("link", { name: "198.51.100.0/24", exact: true }).click();
  await expect(analyst).toHaveURL(/\/entity\/cidr\/198\.51\.100\.0%2F24/);

  await analyst.goto("/entity/cidr/198.51.100.99%2F32?range=all");
  await expect(analyst).toHaveURL(/\/ip\/198\.51\.100\.99\?range=all/);

  await analyst.goto("/entity/cidr/192.0.2.0%2F24");
  await expect(analyst.getByRole("table", { name: "What was searched" })).toBeVisible();
  await expect(analyst.getByRole("main")).toContainText("Never seen");
  await clean(analyst);

  await analyst.goto("/entity/range/198.51.100.7-198.51.100.9");
  await expect(analyst.getByRole("main")).toContainText("1 of its 3 addresses seen");
  await analyst.goto("/entity/asn/AS64500");
  await expect(analyst.getByRole("main")).toContainText("Never seen");
  await analyst.goto("/entity/cidr/198.51.100.0%2F33");
  await expect(analyst.getByRole("main")).toContainText("Not a valid prefix");
});

test("an own address of a prefix is not said to be in contact with itself", async ({ analyst }) => {
  await analyst.goto("/entity/cidr/10.0.0.0%2F8");
  const contacts = analyst.getByRole("region", { name: "First contacts" });
  await expect(contacts.getByRole("listitem").filter({ hasText: "10.20.0.14" })).toBeVisible();
  await expect(contacts).not.toContainText("with 10.20.0.14");
});
