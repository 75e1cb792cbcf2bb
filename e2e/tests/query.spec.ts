import { readFile } from "node:fs/promises";
import { expect, test } from "../test";

test("every card opens its query, which gives the same number", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  await analyst
    .getByRole("region", { name: "Log activity" })
    .getByRole("link", { name: "Open query: zeek.conn" })
    .click();
  await expect(analyst).toHaveURL(/\/query\?q=/);
  await expect(analyst.getByLabel("Query text")).toHaveValue(/SpoorSightings/);
  const result = analyst.getByRole("table", { name: "Result rows" });
  await expect(result.getByRole("row")).toHaveCount(4);
  await expect(result.getByRole("columnheader", { name: /Records/ })).toContainText("long");
});

test("what stands in events is shown as text", async ({ analyst }) => {
  await analyst.goto("/query");
  await analyst
    .getByLabel("Query text")
    .fill(
      'DeviceNetworkEvents\n| where ActionType == "HttpConnectionInspected" and RemoteIP == "10.20.0.2"\n| project Timestamp, RemoteIP, AdditionalFields',
    );
  await analyst.getByLabel("Query text").press("Control+Enter");
  const result = analyst.getByRole("table", { name: "Result rows" });
  await expect(result.getByRole("row")).toHaveCount(2);
  await expect(result).toContainText("2024-03-05 07:00:01");
  await expect(result).toContainText("<script>");
  await expect(result).toContainText("U+202E");

  await result.getByRole("button", { name: "Show the whole row" }).click();
  const panel = analyst.getByRole("dialog");
  await expect(panel).toContainText("onerror");
  await panel.getByRole("button", { name: "Close" }).click();
  await expect(analyst).toHaveTitle("Spoor");

  const download = analyst.waitForEvent("download");
  await analyst.getByRole("button", { name: "CSV" }).click();
  const csv = await readFile(await (await download).path(), "utf8");
  expect(csv.split("\r\n")[0]).toBe("Timestamp,RemoteIP,AdditionalFields");
  expect(csv).toContain("2024-03-05T07:00:01");
});

test("an error says where it is", async ({ analyst }) => {
  await analyst.goto("/query");
  await analyst.getByLabel("Query text").fill("DeviceNetworkEvents\n| where NoSuchColumn == 1");
  await analyst.getByRole("button", { name: "Run" }).click();
  const alert = analyst.getByRole("alert");
  await expect(alert).toContainText("Line 2, column 9");
  await expect(alert.locator("mark")).toHaveText("NoSuchColumn");
});

test("a link to a query runs it", async ({ analyst }) => {
  await analyst.goto(`/query?q=${encodeURIComponent("DeviceNetworkEvents | count")}`);
  await expect(analyst.getByRole("table", { name: "Result rows" })).toContainText("Count");
  await analyst.getByLabel("Query text").fill("print x = 1");
  await analyst.getByRole("button", { name: "Run" }).click();
  await expect(analyst.getByRole("columnheader", { name: /^x/ })).toBeVisible();
  await analyst.goBack();
  await expect(analyst.getByLabel("Query text")).toHaveValue("DeviceNetworkEvents | count");
});

test("a result of very many columns is shown in parts", async ({ analyst }) => {
  const cells = Array.from({ length: 120 }, (_, i) => `c${i + 1}=${i + 1}`);
  await analyst.goto(`/query?q=${encodeURIComponent(`print ${cells.join(", ")}`)}`);
  const heads = analyst.getByRole("table", { name: "Result rows" }).getByRole("columnheader");
  await expect(heads).toHaveCount(101); // one opens the row
  await expect(heads.last()).toContainText("c100");
  await analyst.getByRole("button", { name: "Next columns" }).click();
  await expect(heads).toHaveCount(21);
  await expect(heads.last()).toContainText("c120");
  await expect(analyst.getByRole("button", { name: "Next columns" })).toBeDisabled();
});
