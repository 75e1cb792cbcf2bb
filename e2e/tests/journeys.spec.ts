import type { Locator, Page } from "@playwright/test";
import { clean } from "../axe";
import { campaign } from "../campaign";
import { exported } from "../download";
import { expect, test } from "../test";

const { server, devices } = campaign;

test("a control server: who called it, with which process, since when, and what came next", async ({
  analyst,
}) => {
  await analyst.goto("/");
  const box = analyst.getByRole("combobox", { name: "Search" });
  await box.fill(server.replaceAll(".", "[.]"));
  await expect(analyst.getByRole("option", { name: new RegExp(`${server}.*seen`) })).toBeVisible();
  await box.press("Enter");

  // 12 + 10 + 8 + 6 connections; of 500 bytes out and 2,000 in.
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText(
    new RegExp(
      "^4 of \\d+ devices connected to it \\(all established, opened from inside\\), " +
        "first 2023-10-10 00:34:00 from acct01.campaign.test, " +
        "last 2023-10-21 22:09:01 from it01.campaign.test; 36 zeek.conn records, 18 kB out, 72 kB in;",
    ),
  );

  const rungs = analyst.getByRole("region", { name: "First contacts" }).locator("ol > li");
  await expect(rungs).toHaveCount(4);
  const rows = analyst.getByRole("table", { name: "Devices" }).getByRole("row");
  await expect(rows).toHaveCount(5);
  for (const [i, device] of devices.entries()) {
    const rung = rungs.nth(i);
    for (const text of [
      device.name,
      device.address,
      seconds(device.first),
      `${device.process} started by explorer.exe · ${device.account}`,
      `${device.seen} sysmon.3 · :4433`,
      device.command,
      // The file that came down.
      `Downloads\\${device.process}`,
    ]) {
      await expect(rung).toContainText(text, { ignoreCase: true });
    }
    const row = rows.filter({ hasText: device.name });
    // The host's word comes a second after the sensor's.
    const lastSeen = device.first + 60_000 * (device.connections - 1) + 1000;
    await expect(row.getByRole("cell")).toContainText(
      [
        device.name,
        device.address,
        `${device.connections} zeek.conn`,
        "yes",
        seconds(device.first),
        seconds(lastSeen),
        "ConnectionSuccess",
        device.process,
        device.account,
      ],
      { ignoreCase: true },
    );
  }

  const next = rungs.nth(0);
  await next.getByRole("button", { name: /What happened next/ }).click();
  const aftermath = next.getByRole("region", { name: /What happened next/ }).first();
  await expect(aftermath).toContainText("1 processes, 0 file events, 0 logons");
  await expect(aftermath).toContainText("whoami /all");
});

test("from a device into its timeline, narrowed and exported: the file is what the API says", async ({
  analyst,
}) => {
  await analyst.goto(`/ip/${server}`);
  const card = analyst.getByRole("region", { name: "Observed in organisation" });
  await card.getByRole("link", { name: "mkt01.campaign.test" }).click();
  await expect(analyst).toHaveURL(/\/entity\/device\/mkt01\.campaign\.test/);
  await analyst.getByRole("tab", { name: "Timeline" }).click();

  const rows = analyst.getByRole("grid", { name: "Records" }).locator("tbody tr");
  // A file, two processes and eight connections, which the host itself reported.
  await expect(rows).toHaveCount(11);
  await analyst.getByRole("checkbox", { name: "sysmon.3" }).check();
  await expect(rows).toHaveCount(8);
  await analyst.getByRole("searchbox", { name: "Search the records" }).fill("INVOICE-MEL");
  await expect(analyst).toHaveURL(/find=INVOICE-MEL/);
  await expect(rows).toHaveCount(8);

  const lines = (await exported(analyst, "Export", "JSON lines")).trimEnd().split("\n");
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const asked = "sourceKind=sysmon.3&q=INVOICE-MEL&limit=200";
  const answer = await analyst.request.get(
    `/api/entities/device/mkt01.campaign.test/timeline?${asked}&from=2023-09-22&to=2023-10-22`,
  );
  expect(answer.status()).toBe(200);
  const { items } = (await answer.json()) as { items: { time: string; rawId: string }[] };
  // The host reported the last eight of ten.
  const second = (i: number) => (devices[1]?.first ?? 0) + 60_000 * (i + 2) + 1000;
  expect(items.map((item) => Date.parse(item.time))).toEqual(
    Array.from({ length: 8 }, (_, i) => second(7 - i)),
  );
  expect(records.map((r) => [Date.parse(`${r.Time}`), r.RawId])).toEqual(
    items.map((item) => [Date.parse(item.time), item.rawId]),
  );

  const csv = (await exported(analyst, "Export", "CSV")).trimEnd().split("\r\n");
  expect(csv).toHaveLength(9);
});

test("a link is the whole view: another tab, reload, back and forward show the same", async ({
  analyst,
}) => {
  const link =
    `/ip/${server}?tab=observed&from=2023-10-10&to=2023-10-20&role=destination` +
    "&find=campaign&sort=-first&columns=name%2Cfirst%2CdeviceId";
  const shows = async (page: Page) => {
    await expect(page.getByRole("tab", { name: /^Observed in/ })).toHaveAttribute(
      "aria-selected",
      "true",
    );
    await expect(page.getByRole("button", { name: /^Time range/ })).toHaveAccessibleName(
      "Time range: 2023-10-10 – 2023-10-19",
    );
    await expect(page.getByRole("combobox", { name: "Role" })).toHaveValue("destination");
    await expect(page.getByLabel("Filter devices")).toHaveValue("campaign");
    const table = page.getByRole("table", { name: "Devices" });
    await expect(table.getByRole("columnheader")).toHaveText([/Device/, /First seen/, /Device id/]);
    await expect(names(table)).toContainText(["acct01.", "mkt01.", "prd01."]);
  };
  const showsEvent = async (page: Page) => {
    await expect(page.getByRole("dialog", { name: "Event" })).toContainText("invoice-pia.exe");
    // What lies under the panel is hidden from all but the eye.
    const under = { includeHidden: true };
    await expect(page.getByRole("searchbox", { name: "Search the records", ...under })).toHaveValue(
      "pia",
    );
    await expect(page.getByRole("checkbox", { name: "sysmon.3", ...under })).toBeChecked();
  };

  await analyst.goto(link);
  await shows(analyst);
  await analyst.reload();
  await shows(analyst);

  await analyst.getByRole("tab", { name: "Timeline" }).click();
  await analyst.getByRole("checkbox", { name: "sysmon.3" }).check();
  await expect(analyst).toHaveURL(/where=/);
  await analyst.getByRole("searchbox", { name: "Search the records" }).fill("pia");
  await expect(analyst).toHaveURL(/find=pia/);
  await analyst
    .getByRole("grid", { name: "Records" })
    .getByRole("row")
    .filter({ hasText: "invoice-pia.exe" })
    .first()
    .click();
  await expect(analyst).toHaveURL(/row=/);
  await showsEvent(analyst);
  const event = analyst.url();
  await analyst.reload();
  await showsEvent(analyst);

  const pasted = await analyst.context().newPage();
  await pasted.goto(event);
  await showsEvent(pasted);
  await pasted.close();

  // The row, the filter and the tab were a step each.
  await analyst.goBack();
  await expect(analyst).not.toHaveURL(/row=/);
  await analyst.goBack();
  await expect(analyst).not.toHaveURL(/where=/);
  await analyst.goBack();
  await shows(analyst);
  await analyst.goForward();
  await analyst.goForward();
  await analyst.goForward();
  expect(analyst.url()).toBe(event);
  await showsEvent(analyst);
});

test("who watches an address or a prefix hears of the next contact", async ({
  analyst,
  loaded,
}) => {
  const watched = "198.51.100.61";
  for (const page of [`/ip/${watched}`, "/entity/cidr/203.0.113.128%2F28"]) {
    // On the tab that has the form, too, the button leads to one.
    await analyst.goto(`${page}?tab=notes`);
    await analyst.getByRole("button", { name: "Watch", exact: true }).click();
    const watch = analyst.getByLabel("Who watches it").getByRole("region", { name: "Watch" });
    await expect(watch.getByLabel("Why watch it")).toBeFocused();
    await clean(analyst);
    await watch.getByLabel("Why watch it").fill("case 12");
    await watch.getByRole("button", { name: "Watch it" }).click();
    await expect(analyst.getByRole("button", { name: "Watched" })).toBeVisible();
  }

  // With the last address of the prefix, and the first behind it.
  const contacts = [
    contact(Date.UTC(2023, 10, 20, 7, 30), watched),
    contact(Date.UTC(2023, 10, 21, 7, 30), "203.0.113.143"),
    contact(Date.UTC(2023, 10, 21, 8), "203.0.113.144"),
  ];
  await loaded.ingestText("watched.log", `${contacts.join("\n")}\n`);
  // The server looks every few seconds, the page asks when it is opened.
  const bell = analyst.getByRole("button", { name: /^Notices/ });
  await expect(async () => {
    await analyst.reload();
    await expect(bell).toHaveAccessibleName("Notices, 2 unread", { timeout: 1000 });
  }).toPass();
  await bell.click();
  const notices = analyst.getByLabel("Notices", { exact: true }).last();
  await expect(notices).toContainText(
    `${watched} was seen again: 1 new record, 1 contact among them, the last at 2023-11-20 07:30`,
  );
  await expect(notices).toContainText(
    "203.0.113.128/28 was seen again: 1 new record, 1 contact among them, the last at 2023-11-21 07:30",
  );
});

/** A record of a connection that came about. */
function contact(at: number, address: string): string {
  return JSON.stringify({
    ts: at / 1000,
    uid: "W1",
    "id.orig_h": "10.20.0.11",
    "id.orig_p": 51_000,
    "id.resp_h": address,
    "id.resp_p": 443,
    proto: "tcp",
    conn_state: "SF",
    history: "ShADadFf",
    duration: 1,
    orig_bytes: 1,
    resp_bytes: 1,
  });
}

function names(table: Locator): Locator {
  return table.locator("tbody tr td:first-child");
}

/** A moment (ms) as pages write it. */
function seconds(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}
