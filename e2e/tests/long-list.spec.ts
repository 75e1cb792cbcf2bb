import { readFile } from "node:fs/promises";
import { crowd, crowdAddress } from "../crowd";
import { expect, test } from "../test";

test("50,000 devices are scrolled, sorted, filtered and exported", async ({ analyst, loaded }) => {
  await analyst.goto(`/ip/${crowd.server}`);
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText(
    "50,000 own addresses without a name connected to it (all established, opened from inside), " +
      "first 2023-09-10 00:00:00 from 10.100.0.0, last 2023-09-10 13:53:19 from 10.100.195.79; " +
      "50,000 zeek.conn records, 500 kB out, 1.0 MB in; nothing blocked",
  );
  await analyst.getByRole("tab", { name: "Observed in organisation (50,000)" }).click();
  const card = analyst.getByRole("region", { name: "Devices", exact: true });
  const table = card.getByRole("table", { name: "Devices" });
  const rows = table.locator("tbody tr[data-index]");
  await expect(table).toHaveAttribute("aria-rowcount", "50001");
  // The last is the latest, and comes first.
  await expect(rows.first()).toContainText(crowdAddress(crowd.devices - 1));

  await card.getByRole("button", { name: "First seen" }).click();
  await card.getByRole("button", { name: "First seen" }).click();
  await expect(rows.first()).toContainText("2023-09-10 00:00:00");
  await expect(rows.first()).toContainText(crowdAddress(0));

  await card.getByLabel("Filter devices").fill("10.100.7.");
  // All of 10.100.7.0/24.
  await expect(card.getByRole("status")).toContainText("256");
  await card.getByLabel("Filter devices").fill("");
  await expect(card.getByRole("status")).toContainText("50,000");

  await card.getByRole("button", { name: "Export all 50,000 devices" }).click();
  const [file] = await Promise.all([
    analyst.waitForEvent("download"),
    analyst.getByRole("menuitem", { name: "JSON lines" }).click(),
  ]);
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
  const addresses = lines.map((line) => (JSON.parse(line) as { Address: string }).Address);
  expect(addresses).toEqual(Array.from({ length: crowd.devices }, (_, i) => crowdAddress(i)));

  // Neither the page nor the server grows with the list.
  expect(await rows.count()).toBeLessThan(100);
  expect(await loaded.peakMemory()).toBeLessThan(1.5 * 2 ** 30);
});
