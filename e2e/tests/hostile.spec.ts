import type { Page } from "@playwright/test";
import { saved } from "../download";
import { hostile } from "../hostile";
import { expect, test } from "../test";

const page = `/ip/${hostile.server}`;
/** What no text of a page may hold unseen: control and bidirectional characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/;

test("what an attacker wrote is text on every part of the page", async ({ analyst }) => {
  for (const [tab, region] of [
    ["overview", "First contacts"],
    ["observed", "Devices"],
    ["timeline", "Timeline"],
    ["connections", "Connections"],
    ["dns", "Passive DNS"],
    ["insights", "Network traffic inspection"],
  ]) {
    await analyst.goto(`${page}?tab=${tab}`);
    await expect(analyst.getByRole("region", { name: region, exact: true })).toBeVisible();
    await harmless(analyst);
  }
  await analyst.goto(`${page}?tab=timeline`);
  const rows = analyst.getByRole("grid", { name: "Records" }).locator("tbody tr");
  await expect(rows).toHaveCount(4);
  for (const [row, shown] of [
    [3, hostile.markup],
    [1, "U+202Egpj.exe"],
    [0, "AAAAAAAA"],
  ] as const) {
    await rows.nth(row).click();
    const panel = analyst.getByRole("dialog", { name: "Event" });
    await expect(panel.getByRole("region", { name: "DeviceNetworkEvents" })).toContainText(shown);
    await panel.getByRole("button", { name: "Show as its source wrote it" }).click();
    await expect(panel.getByRole("region", { name: "As its source wrote it" })).toContainText(
      '"trans_depth":1',
    );
    await harmless(analyst);
    if (row === 0) {
      // A megabyte is drawn when it is asked for.
      const fields = panel.getByRole("region", { name: "DeviceNetworkEvents" });
      await expect(fields).not.toContainText("AEND");
      await fields.getByRole("button", { name: /^Show all 1,0\d\d,\d{3} characters$/ }).click();
      await expect(fields).toContainText("AEND");
      const record = await saved(analyst, () =>
        panel.getByRole("button", { name: "Download" }).click(),
      );
      expect(record).toContain(hostile.long);
    }
    await panel.getByRole("button", { name: "Close" }).click();
    await expect(panel).toBeHidden();
  }
});

test("what an attacker wrote is text in the hunt, and in the files of both", async ({
  analyst,
}) => {
  const query =
    `DeviceNetworkEvents | where RemoteIP == "${hostile.server}" | sort by Timestamp asc` +
    "| project UserAgent = tostring(AdditionalFields.user_agent)";
  await analyst.goto(`/query?q=${encodeURIComponent(query)}`);
  const result = analyst.getByRole("table", { name: "Result rows" });
  await expect(result.getByRole("row")).toHaveCount(5);
  await expect(result).toContainText(hostile.markup);
  await harmless(analyst);
  const csv = await saved(analyst, () => analyst.getByRole("button", { name: "CSV" }).click());
  expect(csv).toBe(
    `UserAgent\r\n${hostile.markup}\r\n'${hostile.formula}\r\n"${hostile.control}"\r\n${hostile.long}\r\n`,
  );

  // Here the account of a process is a formula, see fixtures/hostile.jsonl.
  await analyst.goto("/ip/198.51.100.77?tab=timeline&where=SourceKind%20in%20(%22sysmon.3%22)");
  await expect(analyst.getByRole("grid", { name: "Records" })).toContainText("eve-ws");
  await analyst.getByRole("button", { name: "Export", exact: true }).last().click();
  const [, line = ""] = (
    await saved(analyst, () => analyst.getByRole("menuitem", { name: "CSV" }).click())
  ).split("\r\n");
  expect(line).toContain(",'=1+1,");
  expect(line).not.toMatch(/(^|,)"?[=+@-]/);
});

test("what an attacker wrote does not steer a terminal", async ({ loaded }) => {
  const query =
    `DeviceNetworkEvents | where RemoteIP == "${hostile.server}" and RemoteUrl !endswith "long"` +
    "| project RemoteUrl, AdditionalFields";
  for (const command of [
    ["query", query],
    ["ip", hostile.server],
  ]) {
    const out = await loaded.run(...command);
    expect(out).not.toMatch(unseen);
  }
});

test("the policy of the page lets no script in", async ({ analyst }) => {
  await analyst.goto("/");
  await expect(analyst.getByRole("heading", { level: 1 })).toBeVisible();
  const ran = await analyst.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.body.dataset.owned = 'yes'";
    document.body.append(script);
    return document.body.dataset.owned;
  });
  expect(ran).toBeUndefined();
  const answer = await analyst.request.get("/");
  const policy = (answer.headers()["content-security-policy"] ?? "").split("; ");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'"); // neither unsafe-inline nor unsafe-eval
});

/** Nothing of it ran, became an element, or stands in the page unseen. */
async function harmless(page: Page): Promise<void> {
  const main = page.locator("body");
  await expect(main.locator("img[src=x]")).toHaveCount(0);
  expect(await page.evaluate(() => Object.hasOwn(window, "owned"))).toBe(false);
  expect(await main.innerText()).not.toMatch(unseen);
}
