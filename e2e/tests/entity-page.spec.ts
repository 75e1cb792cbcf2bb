import { clean } from "../axe";
import { expect, test } from "../test";

const page = "/ip/203.0.113.50";

test("the answer leads with outcome and direction", async ({ analyst }) => {
  await analyst.goto(page);
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText(
    "connected to it (all established, opened from inside), 1 more without success, " +
      // An answer of the DNS names it a second before.
      "first 2024-03-04 08:59:59 from ada-ws.example.test " +
      "(first contact 2024-03-04 09:00:00 from ada-ws.example.test), last",
  );
});

test("the ladder names devices in order with their processes, and what came next", async ({
  analyst,
}) => {
  await analyst.goto(page);
  const card = analyst.getByRole("region", { name: "First contacts" });
  const rungs = card.locator("ol > li");
  await expect(rungs).toHaveCount(2);
  await expect(rungs.nth(0)).toContainText("ada-ws.example.test");
  await expect(rungs.nth(0)).toContainText("2024-03-04 09:00:00");
  await expect(rungs.nth(0)).toContainText("rundll32.exe");
  await expect(rungs.nth(0)).toContainText("8 sysmon.3");
  await expect(rungs.nth(1)).toContainText("bob-ws.example.test");
  await expect(rungs.nth(1)).toContainText("tool.exe");
  await expect(card).toContainText("1 more tried without success");

  await rungs
    .nth(0)
    .getByRole("button", { name: /What happened next/ })
    .click();
  await expect(rungs.nth(0).getByRole("region", { name: /What happened next/ })).toContainText(
    "0 processes, 0 file events, 0 logons",
  );
});

test("the period before stands beside the chart", async ({ analyst }) => {
  await analyst.goto(`${page}?from=2024-03-06&to=2024-03-08`);
  await analyst.getByRole("switch", { name: "Compare with the period before" }).check();
  await expect(analyst).toHaveURL(/compare=previous/);
  const comparison = analyst.getByRole("region", { name: "Comparison" });
  // ada-ws had 5 records before and has 3; bob-ws and the address of nobody are new.
  await expect(comparison).toContainText(
    "6 zeek.conn records, before 5 zeek.conn records. Devices: 2 new, 0 gone, 1 changed, 0 the same.",
  );
  // All went to port 443, which the host's process reported, too.
  const ports = comparison.getByRole("table", { name: "Ports that differ" });
  await expect(ports).toContainText("443 Tcp, opened from inside");
  await expect(comparison.getByRole("table", { name: "Processes that differ" })).toContainText(
    "tool.exe",
  );
});

test("every list says what is new, gone and changed", async ({ analyst }) => {
  await analyst.goto(`${page}?from=2024-03-06&to=2024-03-08&compare=previous`);
  const states = (name: string) => {
    const table = analyst.getByRole("table", { name, exact: true });
    return (text: string) => table.getByRole("row").filter({ hasText: text }).getByRole("cell");
  };
  const device = states("Devices");
  await expect(device("ada-ws.example.test").first()).toHaveText("changed, was 5");
  await expect(device("bob-ws.example.test").first()).toHaveText("new");
  const ladder = analyst.getByRole("region", { name: "First contacts" }).getByRole("listitem");
  await expect(ladder.filter({ hasText: "bob-ws.example.test" })).toContainText("new");
  await expect(analyst.getByRole("region", { name: "Log activity" })).toContainText(
    "changed, was 5",
  );

  await analyst.getByRole("tab", { name: "Connections" }).click();
  const line = states("Connections");
  await expect(line("10.20.0.11").first()).toHaveText("changed, was 5");
  await expect(line("10.20.0.12").first()).toHaveText("new");
  await analyst.getByRole("button", { name: "As a table" }).click();
  await expect(states("Flow of connections")("bob-ws.example.test").first()).toHaveText("new");

  await analyst.getByRole("tab", { name: "DNS and TLS" }).click();
  const names = analyst.getByRole("region", { name: "Passive DNS" });
  await expect(names).toContainText("Gone: updates.invalid-cdn.example A 203.0.113.50 dns");
  await expect(analyst.getByRole("region", { name: "Services", exact: true })).toContainText(
    /Compared: \d+ new/,
  );

  await analyst.getByRole("tab", { name: "Insights" }).click();
  const traffic = analyst.getByRole("region", {
    name: "Network traffic inspection",
    exact: true,
  });
  await traffic.getByRole("button", { name: /as a table$/ }).click();
  await expect(traffic.getByRole("columnheader").first()).toHaveText("Compared");
  await expect(traffic).toContainText(/Compared: \d+ new/);
  const port = traffic.getByRole("row").filter({ hasText: "443 Tcp" });
  await expect(port.filter({ hasText: "zeek.conn" }).getByRole("cell").first()).toHaveText(
    "changed, was 5",
  );
  // What has no other side says so.
  await analyst.getByRole("tab", { name: "Timeline" }).click();
  await expect(analyst.getByText(/^Not compared: a record happens once/)).toBeVisible();
  await analyst.getByRole("tab", { name: "DNS and TLS" }).click();
  await analyst.getByRole("button", { name: "Against the period before" }).click();
  await expect(analyst).not.toHaveURL(/compare/);
  await expect(names).not.toContainText("gone");
});

test("every part of the page obeys the role", async ({ analyst }) => {
  await analyst.goto(`${page}?role=destination`);
  const answer = analyst.getByRole("region", { name: "Answer" });
  await expect(answer).toContainText("11 zeek.conn records (1 refused)");
  await expect(analyst.getByRole("tab", { name: "Observed in organisation (3)" })).toBeVisible();
  await analyst.getByRole("tab", { name: "Timeline" }).click();
  // Without the answer of the DNS, in which it is neither end.
  const rows = analyst.getByRole("grid", { name: "Records" }).locator("tbody tr");
  await expect(rows).toHaveCount(21);

  await analyst.getByRole("combobox", { name: "Role" }).selectOption("source");
  await expect(analyst).toHaveURL(/role=source/);
  await expect(analyst.getByText(/^Nothing that names/)).toBeVisible();
  await analyst.getByRole("tab", { name: "Overview" }).click();
  await expect(answer).toContainText("Not seen as source in this period");
  await expect(analyst.getByRole("tab", { name: "Observed in organisation (0)" })).toBeVisible();
});

test("a hunt begins with the columns that hold it, or with everything", async ({ analyst }) => {
  await analyst.goto(page);
  await analyst.getByRole("link", { name: "Go hunt" }).click();
  const rows = analyst.getByRole("table", { name: "Result rows" }).getByRole("row");
  await expect(rows.filter({ hasText: "RemoteIP" })).toContainText("DeviceNetworkEvents");
  await analyst.goBack();
  await analyst.getByRole("link", { name: "Everything about it" }).click();
  await expect(analyst.getByLabel("Query text")).toHaveValue(/^search "203\.0\.113\.50"/);
  await expect(rows.first()).toBeVisible();
});

test("an own address tells its use", async ({ analyst }) => {
  await analyst.goto("/ip/10.20.0.11");
  await expect(analyst.getByText("Own", { exact: true })).toBeVisible();
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText(
    "an own address of ada-ws.example.test: it reached",
  );
  await expect(analyst.getByRole("region", { name: "New peers", exact: true })).toContainText(
    "203.0.113.50",
  );
  await expect(analyst.getByRole("region", { name: "Logons from it" })).toContainText(
    "No host reports a logon",
  );
  await expect(analyst.getByRole("region", { name: "Hosts that held this address" })).toContainText(
    "ada-ws.example.test",
  );
  await analyst.goto("/ip/10.20.0.11?from=2024-03-06&to=2024-03-08&compare=previous");
  await expect(analyst.getByRole("region", { name: "Inbound exposure" })).toContainText(
    "Compared: no exposed ports on either side.",
  );
});

test("a range of the address gets a name", async ({ analyst }) => {
  await analyst.goto("/ip/192.0.2.77");
  await analyst.getByRole("button", { name: "Named range" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Named ranges" });
  await expect(dialog.getByLabel("Range (CIDR)")).toHaveValue("192.0.2.0/24");
  await dialog.getByLabel("Range (CIDR)").fill("192.0.2.77/32");
  await dialog.getByRole("textbox", { name: "Name" }).fill("old printer");
  await dialog.getByRole("button", { name: "Add range" }).click();
  await expect(analyst.getByRole("button", { name: "In old printer" })).toBeVisible();

  // The catalogue lists it, queries know it, and it can be taken out.
  await analyst.goto("/sources");
  const catalogue = analyst.getByRole("region", { name: "Network catalogue", exact: true });
  const range = catalogue.getByRole("row").filter({ hasText: "old printer" });
  await expect(range).toContainText("192.0.2.77/32");
  await catalogue.getByRole("link", { name: "Open query: Network catalogue" }).click();
  await expect(analyst.getByRole("cell", { name: "old printer Copy Name" })).toBeVisible();
  await analyst.goBack();
  // It changes what every page counts, and so is asked for twice.
  await range.getByRole("button", { name: "Remove old printer" }).click();
  const question = analyst.getByRole("dialog", { name: "Remove old printer?" });
  await expect(question).toContainText("192.0.2.77/32, old printer leaves the catalogue");
  await clean(analyst);
  await question.getByRole("button", { name: "Close" }).click();
  await expect(range).toHaveCount(1);
  await range.getByRole("button", { name: "Remove old printer" }).click();
  await question.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(range).toHaveCount(0);
});
