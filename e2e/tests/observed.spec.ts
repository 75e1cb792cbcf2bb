import { readFile } from "node:fs/promises";
import { exported } from "../download";
import { expect, test } from "../test";

const scanned = "/ip/198.51.100.7?tab=observed";
const hostile = "/ip/198.51.100.77";

test("every device is listed, and the file holds what the API gives", async ({ analyst }) => {
  await analyst.goto(scanned);
  const card = analyst.getByRole("region", { name: "Devices", exact: true });
  const first = card.getByRole("table", { name: "Devices" }).getByRole("row").nth(1);
  await expect(card.getByRole("status")).toHaveText("all 130 devices");

  await card.getByRole("button", { name: "First seen" }).click();
  await expect(first).toContainText("10.20.1.130");
  await card.getByRole("button", { name: "First seen" }).click();
  await expect(analyst).toHaveURL(/sort=-first/);
  await expect(first).toContainText("10.20.1.1");
  await expect(first).toContainText("2024-03-05 12:00:00");

  const lines = (await exported(analyst, "Export all 130 devices", "JSON lines")).split("\n");
  const rows = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  const answer = await analyst.request.get(
    "/api/entities/ip/198.51.100.7/devices?limit=1000&sort=-first",
  );
  const { items } = await answer.json();
  expect(rows.map((row) => [row.Address, row.Records, row.Contacted])).toEqual(
    Array.from({ length: 130 }, (_, i) => [`10.20.1.${i + 1}`, 1, false]),
  );
  expect(
    rows.map((row) => [row.Address, row.Records, row.SourceKind, Date.parse(row.Last)]),
  ).toEqual(items.map((d: Device) => [d.address, d.records, d.sourceKind, Date.parse(d.last)]));

  await card.getByLabel("Filter devices").fill("10.20.1.7");
  // It, and 10.20.1.70 to 10.20.1.79.
  await expect(card.getByRole("status")).toHaveText("all 11 devices");
  await expect(analyst).toHaveURL(/find=10\.20\.1\.7/);
  const csv = await exported(analyst, "Export 11 devices", "CSV");
  expect(csv.trimEnd().split("\r\n")).toHaveLength(12);
});

interface Device {
  address: string;
  records: number;
  sourceKind: string;
  last: string;
}

test("columns are chosen, stand in the link, and are kept under a name", async ({ analyst }) => {
  await analyst.goto(scanned);
  const card = analyst.getByRole("region", { name: "Devices", exact: true });
  const header = (name: string) => card.getByRole("columnheader", { name });
  await expect(header("Last event")).toBeVisible();
  await expect(header("Device id")).toHaveCount(0);

  await card.getByRole("button", { name: "Columns" }).click();
  await expect(
    analyst.getByRole("menuitemcheckbox", { name: "Device", exact: true }),
  ).toBeDisabled();
  await analyst.getByRole("menuitemcheckbox", { name: "Device id" }).click();
  await analyst.getByRole("menuitemcheckbox", { name: "Last event", exact: true }).click();
  await expect(header("Device id")).toBeVisible();
  await expect(header("Last event")).toHaveCount(0);
  await analyst.getByRole("menuitem", { name: "Keep or remove sets…" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Sets of columns" });
  await dialog.getByLabel(/^Name for the/).fill("<b>hunters</b>");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(analyst).toHaveURL(/columns=%3Cb%3Ehunters/);

  await analyst.reload();
  await expect(header("Device id")).toBeVisible();
  await expect(header("Last event")).toHaveCount(0);
  await card.getByRole("button", { name: "Columns" }).click();
  await analyst.getByRole("menuitem", { name: "Keep or remove sets…" }).click();
  await dialog.getByRole("button", { name: "Remove <b>hunters</b>" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(header("Last event")).toBeVisible();
});

test("peers are the second list, and lead to their pages in the same period", async ({
  analyst,
}) => {
  await analyst.goto("/ip/203.0.113.50?tab=observed&from=2024-03-06&to=2024-03-07");
  await analyst.getByRole("tab", { name: "Peers (2)" }).click();
  await expect(analyst).toHaveURL(/show=peers/);
  const rows = analyst.getByRole("table", { name: "Peers" }).getByRole("row");
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: "10.20.0.11" })).toContainText("3 zeek.conn");
  await rows.getByRole("link", { name: "10.20.0.11" }).click();
  await expect(analyst).toHaveURL(/\/ip\/10\.20\.0\.11\?from=2024-03-06.*&to=2024-03-07/);
});

test("what an attacker wrote is shown and exported as text", async ({ analyst }) => {
  const dialogs: string[] = [];
  analyst.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await analyst.goto(`${hostile}?tab=observed`);
  const row = analyst.getByRole("table", { name: "Devices" }).getByRole("row").nth(1);
  await expect(row).toContainText("eve-ws.example.test");
  await expect(row).toContainText("<img src=x onerror=alert(1)>U+202Efdp.exe");
  await expect(row.locator("img")).toHaveCount(0);
  const csv = await exported(analyst, "Export 1 device", "CSV");
  expect(csv).toContain("'=1+1");

  await analyst.goto(`${hostile}?tab=alerts`);
  const alerts = analyst.getByRole("table", { name: "Alerts" });
  await expect(alerts).toContainText("SSH::<b>ScanU+202E</b>");
  await expect(alerts.locator("b")).toHaveCount(0);
  expect(dialogs).toEqual([]);
});

test("alerts say which part the address plays, and lead to their records", async ({ analyst }) => {
  await analyst.goto(`${hostile}?tab=alerts`);
  await expect(analyst.getByText("Incidents come in a later release")).toBeVisible();
  const card = analyst.getByRole("region", { name: "Alerts", exact: true });
  const rows = card.getByRole("table", { name: "Alerts" }).getByRole("row");
  await expect(rows).toHaveCount(3);
  // The latest first: the connection from it, then the one to it.
  await expect(rows.nth(1)).toContainText("2024-03-06 10:00:00");
  await expect(rows.nth(1)).toContainText("source");
  await expect(rows.nth(2)).toContainText("2024-03-06 09:00:00");
  await expect(rows.nth(2)).toContainText("destination");
  await card.getByRole("button", { name: "Time" }).click();
  await expect(rows.nth(1)).toContainText("2024-03-06 09:00:00");

  const [record] = await Promise.all([
    analyst.waitForEvent("download"),
    rows.nth(1).getByRole("link", { name: "Record" }).click(),
  ]);
  expect(await readFile(await record.path(), "utf8")).toContain('"uid":"N000001"');

  await card.getByRole("button", { name: /^Informational/ }).click();
  await expect(analyst).toHaveURL(/where=Severity/);
  await expect(rows).toHaveCount(3);
  await card.getByLabel("Filter alerts").fill("scan");
  await expect(rows).toHaveCount(2);
  await card.getByLabel("Filter alerts").fill("nothing of the kind");
  await expect(card).toContainText("No alert fits the filter.");
});

test("no alert: what was searched is said", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=alerts&from=2024-03-05&to=2024-03-08&role=source");
  const card = analyst.getByRole("region", { name: "Alerts", exact: true });
  await expect(card).toContainText(
    "Searched: 2024-03-05 00:00 – 2024-03-08 00:00 UTC, in the role source.",
  );
  const searched = card.getByRole("table", { name: "What was searched" }).getByRole("row");
  await expect(searched).toHaveCount(2);
  await expect(searched.nth(1)).toContainText("zeek.notice");
});

test("a list that cannot be read says why", async ({ analyst }) => {
  await analyst.route(/\/devices\?/, (route) =>
    route.fulfill({ status: 500, json: { title: "Internal", detail: "<i>away</i>" } }),
  );
  await analyst.goto(scanned);
  await expect(analyst.getByRole("alert")).toContainText("The devices could not be read");
  await expect(analyst.getByRole("alert")).toContainText("<i>away</i>");
});
