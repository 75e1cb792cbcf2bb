import { clean } from "../axe";
import { saved } from "../download";
import { expect, test } from "../test";

test("the filters stand there as KQL, and an edit becomes the view", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=timeline");
  const line = analyst.getByLabel("Filters as KQL");
  const rows = analyst.getByRole("grid", { name: "Records" }).locator("tbody tr");
  await expect(rows).toHaveCount(22);
  await expect(line).toHaveValue(
    "Time >= datetime(2024-02-07T00:00:00Z) and Time < datetime(2024-03-08T00:00:00Z)",
  );

  await line.fill(
    'Time between (datetime(2024-03-04) .. datetime(2024-03-08)) and SourceKind == "sysmon.3" and Text contains "tool.exe"',
  );
  await line.press("Enter");
  await expect(rows).toHaveCount(2);
  await expect(analyst.getByRole("checkbox", { name: "sysmon.3" })).toBeChecked();
  await expect(analyst.getByRole("searchbox", { name: "Search the records" })).toHaveValue(
    "tool.exe",
  );
  await expect(analyst.getByRole("button", { name: /^Time range/ })).toHaveAccessibleName(
    "Time range: 2024-03-04 – 2024-03-07",
  );
  await analyst.reload();
  await expect(rows).toHaveCount(2);
  await analyst.getByRole("button", { name: "Clear filters" }).click();
  await expect(line).toHaveValue(
    "Time >= datetime(2024-03-04T00:00:00Z) and Time < datetime(2024-03-08T00:00:00Z)",
  );

  // What the page cannot show, the query page can.
  await line.fill('RemotePort == 443 or DeviceName startswith "bob"');
  await line.press("Enter");
  const alert = analyst.getByRole("alert");
  await expect(alert).toContainText("The page cannot show this filter");
  await clean(analyst);
  await alert.getByRole("link", { name: "Open it as a query" }).click();
  await expect(analyst.getByLabel("Query text")).toHaveValue(
    /203\.0\.113\.50[\s\S]*\| where RemotePort == 443 or DeviceName startswith "bob"$/,
  );
  await expect(analyst.getByRole("table", { name: "Result rows" })).toBeVisible();
});

test("all pages show times in the chosen zone, which the server keeps", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  const answer = analyst.getByRole("region", { name: "Answer" });
  await expect(answer).toContainText("first 2024-03-04 08:59:59");
  await analyst.getByRole("button", { name: "Time zone: UTC" }).click();
  await analyst.getByRole("menuitem", { name: "Another zone…" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Time zone" });
  await dialog.getByLabel("Zone").fill("Asia/Nowhere");
  await expect(dialog).toContainText("There is no such zone.");
  await dialog.getByLabel("Zone").fill("Asia/Tokyo");
  await clean(analyst);
  await dialog.getByRole("button", { name: "Show times in it" }).click();

  await expect(
    analyst.getByRole("button", { name: "Time zone: Asia/Tokyo (UTC+9)" }),
  ).toBeVisible();
  await expect(answer).toContainText("first 2024-03-04 17:59:59");
  const rung = analyst.getByRole("region", { name: "First contacts" }).locator("ol > li").first();
  await expect(rung).toContainText("2024-03-04 18:00:00");
  await expect(rung.locator("time").first()).toHaveAttribute("title", "2024-03-04 09:00:00 UTC");

  await analyst.goto(
    `/query?q=${encodeURIComponent("print At = datetime(2024-03-04T09:00:00.1234567Z)")}`,
  );
  const result = analyst.getByRole("table", { name: "Result rows" });
  await expect(result).toContainText("2024-03-04 18:00:00.1234567");
  await expect(result.getByRole("columnheader", { name: "At" })).toContainText(
    "datetime, Asia/Tokyo",
  );
  await analyst.getByRole("button", { name: /^Time zone/ }).click();
  await analyst.getByRole("menuitemradio", { name: "UTC", exact: true }).click();
  await expect(result).toContainText("2024-03-04 09:00:00.1234567");
});

test("breadcrumbs say where a page stands, and lead home", async ({ analyst }) => {
  await analyst.goto("/entity/device/ada-ws.example.test");
  const crumbs = analyst.getByRole("navigation", { name: "Breadcrumbs" });
  await expect(crumbs.getByRole("listitem")).toHaveText(["Home", "Device", "ada-ws.example.test"]);
  await crumbs.getByRole("link", { name: "Home" }).click();
  await expect(crumbs).toHaveCount(0);
});

test("another address, and other days, stand beside the page", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?from=2024-03-06&to=2024-03-08");
  await analyst.getByRole("button", { name: "Compare with another…" }).click();
  const form = analyst.getByRole("dialog", { name: "Compare with another" });
  await form.getByLabel("Another IP address").fill("198.51.100.7");
  await form.getByLabel("First day of its period (UTC)").fill("2024-03-05");
  await expect(form).toContainText("Both days, or neither.");
  await form.getByLabel("Last day of its period (UTC)").fill("2024-03-05");
  await form.getByRole("button", { name: "Compare", exact: true }).click();
  await expect(analyst).toHaveURL(/compare=198\.51\.100\.7%402024-03-05\.\.2024-03-05/);
  const comparison = analyst.getByRole("region", { name: "Comparison" });
  // The scan of that day: 130 devices that this address never met.
  await expect(comparison).toContainText("6 zeek.conn records, there 130 zeek.conn records.");
  await expect(comparison).toContainText("Devices: 3 new, 130 gone");
  await clean(analyst);
  await analyst.getByRole("button", { name: /^Compared with 198/ }).click();
  await form.getByRole("button", { name: "Stop comparing" }).click();
  await expect(comparison).toHaveCount(0);
});

test("connections and triage have columns of one's own, in their links", async ({ analyst }) => {
  for (const [path, table, column] of [
    ["/ip/203.0.113.50?tab=connections", "Connections", "Community ID"],
    [`/triage?q=${encodeURIComponent("203.0.113.50")}`, "Triage", "Country"],
  ] as const) {
    await analyst.goto(path);
    const header = analyst
      .getByRole("table", { name: table })
      .getByRole("columnheader", { name: column });
    await expect(header).toBeVisible();
    await analyst.getByRole("button", { name: `Columns of ${table}` }).click();
    await analyst.getByRole("menuitemcheckbox", { name: column }).click();
    await expect(header).toHaveCount(0);
    await expect(analyst).toHaveURL(/columns=/);
    await analyst.keyboard.press("Escape");
    await analyst.reload();
    await expect(analyst.getByRole("table", { name: table })).toBeVisible();
    await expect(header).toHaveCount(0);
  }
});

test("the numbers of alerts lead to the list with that filter", async ({ analyst }) => {
  await analyst.goto("/ip/198.51.100.77");
  const card = analyst.getByRole("region", { name: "Alerts by severity" });
  await expect(card).toContainText("The equal period before: none");
  await card.getByRole("button", { name: /^Informational 2/ }).click();
  await expect(analyst).toHaveURL(/tab=alerts.*where=Severity/);
  await expect(analyst.getByRole("table", { name: "Alerts" }).getByRole("row")).toHaveCount(3);
  await expect(analyst.getByLabel("Filters as KQL")).toHaveValue(/Severity == "Informational"$/);
});

test("the timeline has columns of one's own, in its link and under a name", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=timeline");
  const grid = analyst.getByRole("grid", { name: "Records" });
  const header = (name: string) => grid.getByRole("columnheader", { name, exact: true });
  await expect(header("What happened")).toBeVisible();
  await expect(header("Account")).toHaveCount(0);
  await analyst.getByRole("button", { name: "Columns of timeline" }).click();
  await analyst.getByRole("menuitemcheckbox", { name: "Account", exact: true }).click();
  await analyst.getByRole("menuitemcheckbox", { name: "Role", exact: true }).click();
  await analyst.getByRole("menuitem", { name: "Keep or remove sets…" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Sets of columns" });
  await dialog.getByLabel(/^Name for the/).fill("who");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await expect(analyst).toHaveURL(/columns=who/);
  await analyst.reload();
  await expect(header("Account")).toBeVisible();
  await expect(header("Role")).toHaveCount(0);
  await expect(grid.getByRole("link", { name: "example\\ada" }).first()).toBeVisible();
});

test("a query's result has columns of one's own, in its link and under a name", async ({
  analyst,
}) => {
  const query = "DeviceNetworkEvents | project Timestamp, ActionType, LocalIP, RemoteIP | take 3";
  await analyst.goto(`/query?q=${encodeURIComponent(query)}`);
  const result = analyst.getByRole("table", { name: "Result rows" });
  await expect(result.getByRole("columnheader")).toHaveCount(5);
  await analyst.getByRole("button", { name: "Columns of the result" }).click();
  await analyst.getByRole("menuitemcheckbox", { name: "LocalIP", exact: true }).click();
  await analyst.getByRole("menuitem", { name: "Keep or remove sets…" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Sets of columns" });
  await dialog.getByLabel(/^Name for the/).fill("far ends");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await expect(analyst).toHaveURL(/columns=far/);
  // What is taken away has the columns that are shown, or all of them.
  const header = async (choice: RegExp) => {
    await analyst.getByRole("button", { name: "CSV" }).click();
    const csv = await saved(analyst, () => analyst.getByRole("menuitem", { name: choice }).click());
    return csv.split("\r\n")[0];
  };
  expect(await header(/^The 3 columns/)).toBe("Timestamp,ActionType,RemoteIP");
  expect(await header(/^All 4 columns/)).toBe("Timestamp,ActionType,LocalIP,RemoteIP");
  await analyst.reload();
  await expect(result.getByRole("columnheader")).toHaveCount(4);
  await expect(result.getByRole("columnheader", { name: /LocalIP/ })).toHaveCount(0);
});

test("small tables have columns of one's own, each its own word in the link", async ({
  analyst,
}) => {
  await analyst.goto("/ip/203.0.113.50?tab=dns");
  const dns = analyst.getByRole("region", { name: "Passive DNS", exact: true });
  await dns.getByRole("button", { name: "Columns of Passive DNS" }).click();
  await analyst.getByRole("menuitemcheckbox", { name: "Source kind", exact: true }).click();
  await expect(analyst).toHaveURL(/tables=passive-dns/);
  await analyst.keyboard.press("Escape");
  await analyst.reload();
  await expect(dns.getByRole("columnheader", { name: "Data" })).toBeVisible();
  await expect(dns.getByRole("columnheader", { name: "Source kind" })).toHaveCount(0);
  // Another tab begins without it.
  await analyst.getByRole("tab", { name: "Connections" }).click();
  await expect(analyst).not.toHaveURL(/tables=/);

  // So have those of the other pages, and what the link says goes by a name, too.
  await analyst.goto("/sources");
  const files = analyst.getByRole("table", { name: "Files and streams" });
  await expect(files.getByRole("columnheader", { name: "Format" })).toBeVisible();
  await analyst.getByRole("button", { name: "Columns of Files and streams" }).click();
  await analyst.getByRole("menuitemcheckbox", { name: "Format" }).click();
  await analyst.getByRole("menuitem", { name: "Keep or remove sets…" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Sets of columns" });
  await dialog.getByLabel(/^Name for the/).fill("bare");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await expect(analyst).toHaveURL(/tables=sources%3Abare/);
  await analyst.reload();
  await expect(files.getByRole("columnheader", { name: "Size" })).toBeVisible();
  await expect(files.getByRole("columnheader", { name: "Format" })).toHaveCount(0);
});
