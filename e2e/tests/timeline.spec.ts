import type { Page } from "@playwright/test";
import { clean } from "../axe";
import { expect, test } from "../test";

interface Answer {
  total: number;
}

async function counted(page: Page, query: string): Promise<number> {
  const answer = await page.request.get(`/api/entities/ip/203.0.113.50/timeline/facets?${query}`);
  expect(answer.status()).toBe(200);
  const { total } = (await answer.json()) as Answer;
  return total;
}

test("a timeline is narrowed, searched, and opened to a record", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=timeline");
  const grid = analyst.getByRole("grid", { name: "Records" });
  const rows = grid.locator("tbody tr");
  // 11 of zeek.conn, 10 of sysmon.3, and an answer of the DNS.
  await expect(rows).toHaveCount(22);
  expect(await counted(analyst, "")).toBe(22);
  await clean(analyst);

  await analyst.getByRole("checkbox", { name: "sysmon.3" }).check();
  await expect(analyst).toHaveURL(/where=SourceKind/);
  await expect(rows).toHaveCount(10);
  expect(await counted(analyst, "sourceKind=sysmon.3")).toBe(10);
  await expect(analyst.getByLabel("Filters as KQL")).toHaveValue(/SourceKind in \("sysmon\.3"\)$/);

  // Two of the ten are of tool.exe on bob-ws.
  await analyst.getByRole("searchbox", { name: "Search the records" }).fill("TOOL.EXE");
  await expect(analyst).toHaveURL(/find=TOOL.EXE/);
  const found = await counted(analyst, "sourceKind=sysmon.3&q=TOOL.EXE");
  expect(found).toBe(2);
  await expect(rows).toHaveCount(found);
  await expect(rows.first()).toContainText("bob-ws.example.test");

  // Row, panel and back, by keyboard.
  await grid.focus();
  await analyst.keyboard.press("ArrowDown");
  await analyst.keyboard.press("Enter");
  await expect(analyst).toHaveURL(/row=\d+\.\d+/);
  const panel = analyst.getByRole("dialog", { name: "Event" });
  await expect(panel.getByRole("region", { name: "DeviceNetworkEvents" })).toContainText(
    "203.0.113.50",
  );
  await panel.getByRole("button", { name: "Show as its source wrote it" }).click();
  await expect(panel.getByRole("region", { name: "As its source wrote it" })).toContainText(
    '"DestinationIp":"203.0.113.50"',
  );
  await expect(panel.getByRole("link", { name: "± 15 min" })).toHaveAttribute("href", /query\?q=/);
  // Who did what, as a picture and as its table.
  await expect(
    panel.getByRole("img", { name: /tool\.exe established :443 203\.0\.113\.50/ }),
  ).toBeVisible();
  await panel.getByRole("button", { name: "As a table" }).click();
  const relations = panel.getByRole("table", { name: "Who did what to what" });
  await expect(relations.getByRole("row").filter({ hasText: "203.0.113.50" })).toContainText(
    "process tool.exe",
  );
  await clean(analyst);
  await analyst.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(analyst).not.toHaveURL(/row=/);
  await expect(rows).toHaveCount(found);
});

test("a long timeline is read to its end, and from its end", async ({ analyst }) => {
  // The scan: 130 refused connections, more than a page.
  await analyst.goto("/ip/198.51.100.7?tab=timeline");
  const grid = analyst.getByRole("grid", { name: "Records" });
  await expect(grid).toContainText("10.20.1.130");
  await grid.focus();
  await analyst.keyboard.press("ArrowDown");
  const first = grid.getByRole("row").filter({ hasText: /10\.20\.1\.1:22/ });
  await expect(async () => {
    await analyst.keyboard.press("PageDown");
    await expect(first).toBeVisible({ timeout: 100 });
  }).toPass();

  await analyst.getByRole("button", { name: "Newest" }).click();
  await expect(grid).toContainText("10.20.1.130");
  await analyst.getByRole("button", { name: "Oldest" }).click();
  await expect(first).toBeVisible();
});

test("an empty timeline says what was searched", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=timeline&find=nowhere%20to%20be%20found");
  await expect(analyst.getByText(/Nothing that names .* with .*nowhere to be found/)).toBeVisible();
});
