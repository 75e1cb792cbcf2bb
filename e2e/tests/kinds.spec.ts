import { clean } from "../axe";
import { expect, test } from "../test";

test("a name says what it stood for and who asked, and leads to them", async ({ analyst }) => {
  await analyst.goto("/entity/domain/updates.invalid-cdn.example");
  await expect(analyst.getByRole("table", { name: "What it stood for" })).toContainText(
    "203.0.113.50",
  );
  const asked = analyst.getByRole("table", { name: "Who asked for it" }).getByRole("row").nth(1);
  await expect(asked).toContainText("zeek.dns");
  await asked.getByRole("link", { name: "10.20.0.11", exact: true }).click();
  await expect(analyst).toHaveURL(/\/ip\/10\.20\.0\.11/);
});

test("a device says which addresses it held and whom it talked to", async ({ analyst }) => {
  await analyst.goto("/entity/device/ada-ws.example.test");
  const held = analyst.getByRole("table", { name: "Its addresses" }).getByRole("row").nth(1);
  await expect(held).toContainText("10.20.0.11");
  await expect(held).toContainText("2024-03-04 09:00:01");
  await expect(held).toContainText("2024-03-06 11:30:01");
  // Sysmon wrote 8 connections of it, see the table of the fixtures.
  const talked = analyst.getByRole("table", { name: "Addresses it talked to" });
  const row = talked.getByRole("row").filter({ hasText: "203.0.113.50" });
  await expect(row).toContainText("by the device");
  await expect(row).toContainText("rundll32.exe");
  await expect(row.getByRole("cell", { name: "8", exact: true })).toBeVisible();
});

test("an account says where it is, and its insights what its programs contacted", async ({
  analyst,
}) => {
  await analyst.goto("/entity/account/example%5Cbob");
  await expect(analyst.getByRole("main")).toContainText(/in records of 1 of \d+ devices/i);
  // Own address, contact and bytes are of connections, and not of what an account does.
  const heads = analyst.getByRole("table", { name: "Devices" }).getByRole("columnheader");
  await expect(heads).toHaveText([
    "Device",
    "Records",
    "First seen",
    "Last seen",
    "Last event",
    "Process",
    "User",
  ]);
  await analyst.getByRole("tab", { name: "Insights" }).click();
  const contacted = analyst.getByRole("table", { name: "Addresses its programs contacted" });
  await expect(contacted).toContainText("203.0.113.50");
  await expect(contacted).toContainText("tool.exe");
  await expect(analyst.getByRole("region", { name: "Its cloud sign-ins" })).toContainText(
    "No data. It is filled by sign-in logs of Entra ID",
  );
});

test("pages of other kinds break no rule of accessibility", async ({ analyst }) => {
  for (const [path, ready] of [
    ["/entity/domain/updates.invalid-cdn.example", "Who asked for it"],
    ["/entity/device/ada-ws.example.test", "Its addresses"],
    ["/entity/account/example%5Cbob?tab=insights", "Addresses its programs contacted"],
  ] as const) {
    await analyst.goto(path);
    await expect(analyst.getByRole("region", { name: ready, exact: true })).toBeVisible();
    await clean(analyst);
  }
});
