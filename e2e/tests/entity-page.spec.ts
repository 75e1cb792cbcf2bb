import { expect, test } from "../test";

const page = "/ip/203.0.113.50";

test("the answer leads with outcome and direction", async ({ analyst }) => {
  await analyst.goto(page);
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText(
    "connected to it (all established, opened from inside), 1 more without success, " +
      // An answer of the DNS names it a second before.
      "first 2024-03-04 08:59:59 from ada-ws.example.test",
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
});
