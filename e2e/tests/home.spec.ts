import { clean } from "../axe";
import { expect, test } from "../test";

test("the first page says what is new, and leads on", async ({ analyst }) => {
  await analyst.goto("/");
  // The latest records of the fixtures are of 2024-03-07; 203.0.113.50 came on 03-04.
  const title = "New external addresses, the rarest first";
  const fresh = analyst.getByRole("region", { name: title, exact: true });
  await expect(fresh).toContainText("these are the 7 days to the latest record");
  const row = fresh.getByRole("row").filter({ hasText: "203.0.113.50" });
  await expect(row).toContainText("2024-03-04 09:00");
  await expect(fresh.getByRole("link", { name: /^Open query/ })).toHaveAttribute(
    "href",
    /SpoorSightings/,
  );
  await row.getByRole("link", { name: "203.0.113.50" }).click();
  await expect(analyst.getByRole("heading", { level: 1 })).toHaveText("203.0.113.50");

  await analyst.getByRole("link", { name: "Home" }).first().click();
  const lately = analyst.getByRole("region", { name: "Where you were lately" });
  await expect(lately.getByRole("listitem").first()).toContainText("203.0.113.50");

  const loaded = analyst.getByRole("table", { name: "What is loaded" });
  const sysmon = loaded.getByRole("row").filter({ hasText: "sysmon.3" });
  // 10 of sysmon.jsonl, 30 of the intrusion and one of hostile.jsonl.
  await expect(sysmon.getByRole("cell").nth(2)).toHaveText("41");
  await sysmon.getByRole("link", { name: /^Open query/ }).click();
  await expect(analyst.getByRole("cell", { name: "41 Copy Records" })).toBeVisible();
});

test("the first page breaks no rule of accessibility", async ({ analyst }) => {
  await analyst.goto("/");
  await expect(analyst.getByRole("region", { name: "Where you were lately" })).toBeVisible();
  await expect(analyst.getByRole("table", { name: /^New external/ })).toBeVisible();
  await clean(analyst);
});
