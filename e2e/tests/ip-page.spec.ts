import { expect, test } from "../test";

test("from a defanged address to its story, with the numbers of the logs", async ({ analyst }) => {
  await analyst.goto("/");
  await expect(analyst.getByRole("table", { name: "What is loaded" })).toContainText("zeek.conn");

  await analyst.keyboard.press("Control+k");
  await analyst.getByRole("combobox", { name: "Search" }).fill("203[.]0[.]113[.]50");
  await expect(
    analyst.getByRole("option", { name: /IP address.*203\.0\.113\.50.*seen/ }),
  ).toBeVisible();
  await analyst.keyboard.press("Enter");

  await expect(analyst).toHaveURL(/\/ip\/203\.0\.113\.50$/);
  await expect(analyst.getByRole("heading", { level: 1, name: "203.0.113.50" })).toBeVisible();
  await expect(analyst.getByText("Documentation range")).toBeVisible();
  await expect(analyst.getByText("External", { exact: true })).toBeVisible();
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText(
    "11 zeek.conn records",
  );

  const sources = analyst.getByRole("region", { name: "Log activity" });
  await expect(sources.getByRole("listitem").filter({ hasText: "zeek.conn" })).toContainText(
    "11 records",
  );
  await expect(sources.getByRole("listitem").filter({ hasText: "zeek.conn" })).toContainText(
    "0 as source · 11 as destination · 3 hosts",
  );
  await expect(sources.getByRole("listitem").filter({ hasText: "sysmon.3" })).toContainText(
    "10 records",
  );

  const rows = analyst.getByRole("table", { name: "Devices" }).getByRole("row");
  await expect(rows).toHaveCount(4);
  const ada = rows.filter({ hasText: "ada-ws.example.test" });
  await expect(ada.getByRole("cell", { name: "8 zeek.conn", exact: true })).toBeVisible();
  await expect(ada).toContainText("2024-03-06 11:30:01");
  await expect(ada).toContainText("rundll32.exe");
  await expect(rows.filter({ hasText: "bob-ws.example.test" })).toContainText("10.20.0.12");
  const nobody = rows.filter({ hasText: "10.20.0.13" });
  await expect(nobody).toContainText("address nobody claims");
  await expect(nobody.getByRole("cell", { name: "no", exact: true })).toBeVisible();
});

test("the period shifts to the last sighting, and can be changed", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  const range = analyst.getByRole("button", { name: /^Time range/ });
  await expect(range).toHaveAccessibleName("Time range: 2024-02-07 – 2024-03-07");
  await expect(analyst.getByRole("note")).toContainText("2024-03-07");

  await range.click();
  await analyst.getByRole("menuitem", { name: "Custom…" }).click();
  await analyst.getByLabel("First day (UTC)").fill("2024-03-06");
  await analyst.getByLabel("Last day (UTC)").fill("2024-03-06");
  await analyst.getByRole("button", { name: "Show", exact: true }).click();
  await expect(range).toHaveAccessibleName("Time range: 2024-03-06");
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText(
    "5 zeek.conn records",
  );
  await expect(analyst.getByRole("table", { name: "Devices" }).getByRole("row")).toHaveCount(3);

  await analyst.reload();
  await expect(range).toHaveAccessibleName("Time range: 2024-03-06");

  await range.click();
  await analyst.getByRole("menuitem", { name: "All time" }).click();
  await expect(range).toHaveAccessibleName("Time range: All time");

  await range.click();
  await analyst.getByRole("menuitem", { name: "Last 7 days" }).click();
  await expect(analyst.getByRole("region", { name: "Not seen in this period" })).toBeVisible();
  await analyst.getByRole("button", { name: "Show its last sightings" }).click();
  await expect(range).toHaveAccessibleName("Time range: 2024-02-07 – 2024-03-07");
});

test("the chart has a table, from which a day becomes the period", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  const card = analyst.getByRole("region", { name: "Prevalence in organisation" });
  await expect(card.getByRole("img", { name: /Devices and records per day/ })).toBeVisible();
  await card.getByRole("button", { name: "As a table" }).click();
  const days = card.getByRole("table", { name: "Prevalence by day" });
  await days.evaluate((table) => {
    const scroller = table.parentElement;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
  });
  const sixth = days.getByRole("row").filter({ hasText: "2024-03-06" });
  await expect(sixth.getByRole("cell")).toHaveText(["2024-03-06", "2", "5", "5", "0"]);
  await sixth.getByRole("button", { name: "Show only 2024-03-06" }).click();
  await expect(analyst.getByRole("button", { name: /^Time range/ })).toHaveAccessibleName(
    "Time range: 2024-03-06",
  );
});

test("dragging over the chart sets the period", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  const chart = analyst.getByRole("img", { name: /Devices and records per day/ });
  await expect(chart.locator("canvas").first()).toBeVisible();
  const box = await chart.boundingBox();
  if (box === null) throw new Error("the chart has no place on the page");
  const middle = box.y + box.height / 2;
  await analyst.mouse.move(box.x + box.width * 0.7, middle);
  await analyst.mouse.down();
  await analyst.mouse.move(box.x + box.width * 0.8, middle, { steps: 5 });
  await analyst.mouse.move(box.x + box.width * 0.95, middle, { steps: 5 });
  await analyst.mouse.up();
  await expect(analyst).toHaveURL(/from=2024-\d\d-\d\dT00%3A00%3A00Z&to=2024-03-0/);
});

test("a long list of devices is sorted, paged and filtered by the server", async ({ analyst }) => {
  await analyst.goto("/ip/198.51.100.7");
  const card = analyst.getByRole("region", { name: "Observed in organisation" });
  const first = card.getByRole("table", { name: "Devices" }).getByRole("row").nth(1);
  await expect(card.getByRole("status")).toHaveText("1–50 of 130 devices");

  await card.getByRole("button", { name: "First seen" }).click();
  await expect(first).toContainText("10.20.1.130");
  await card.getByRole("button", { name: "First seen" }).click();
  await expect(first).toContainText("10.20.1.1");
  await expect(first).toContainText("2024-03-05 12:00:00");

  await card.getByRole("button", { name: "Next devices" }).click();
  await expect(first).toContainText("10.20.1.51");
  await card.getByRole("button", { name: "Next devices" }).click();
  await expect(card.getByRole("status")).toHaveText("101–130 of 130 devices");
  await expect(first).toContainText("10.20.1.101");
  await expect(card.getByRole("button", { name: "Next devices" })).toBeDisabled();

  await card.getByLabel("Filter devices").fill("10.20.1.77");
  await expect(card.getByRole("status")).toHaveText("1 device");
  await expect(first).toContainText("10.20.1.77");
});

test("an address never seen still has its page", async ({ analyst }) => {
  await analyst.goto("/ip/192.0.2.200");
  await expect(analyst.getByRole("heading", { level: 1, name: "192.0.2.200" })).toBeVisible();
  const card = analyst.getByRole("region", { name: "Never seen" });
  await expect(card).toContainText("since these dates");
  const searched = card.getByRole("row").filter({ hasText: "sysmon.3" });
  // The first that acct01 reported, see campaign.ts.
  await expect(searched).toContainText("2023-10-10 00:36");
  await expect(analyst.getByRole("region", { name: "Identity" })).toBeVisible();
});

test("what is no address is refused with the reason", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.999");
  const alert = analyst.getByRole("alert");
  await expect(alert).toContainText("Not a valid IP address");
  await expect(alert).toContainText("203.0.113.999");
  await analyst.goto("/ip/203.0.113.50?from=2026-13-45&to=x");
  await expect(alert).toContainText("from is no time");
  await alert.getByRole("button", { name: "Show the usual period" }).click();
  await expect(analyst.getByRole("region", { name: "Answer" })).toBeVisible();
});

test("a device has a page of the same make", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  await analyst
    .getByRole("table", { name: "Devices" })
    .getByRole("link", { name: "ada-ws.example.test" })
    .click();
  await expect(analyst).toHaveURL(/\/entity\/device\/ada-ws\.example\.test$/);
  await expect(
    analyst.getByRole("heading", { level: 1, name: "ada-ws.example.test" }),
  ).toBeVisible();
  await expect(analyst.getByRole("region", { name: "Log activity" })).toContainText("sysmon.3");
});

test("nothing is looked up in live DNS until an administrator allows it", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  const identity = analyst.getByRole("region", { name: "Identity" });
  await expect(identity).toContainText("switched off");
  await identity.getByRole("button", { name: "allow look-ups" }).click();
  await expect(identity.getByRole("button", { name: /ask now/ })).toBeVisible();
});
