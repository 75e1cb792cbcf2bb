import { expect, test } from "../test";

test("the server goes away and comes back: the page says so, and goes on where it was", async ({
  analyst,
  loaded,
}) => {
  await analyst.goto("/ip/203.0.113.50");
  const answer = analyst.getByRole("region", { name: "Answer" });
  const away = analyst.getByRole("alert").filter({ hasText: "The server does not answer" });
  await expect(answer).toContainText("11 zeek.conn records");
  await loaded.kill();
  try {
    await analyst.getByRole("combobox", { name: "Role" }).selectOption("source");
    await expect(away).toBeVisible();
    // What was known stays in sight.
    await expect(answer).toContainText("11 zeek.conn records");
  } finally {
    await loaded.again();
  }
  await expect(answer).toContainText("Not seen as source in this period");
  await expect(away).toHaveCount(0);
});

test("a part of the app that was not loaded comes with the server", async ({ analyst, loaded }) => {
  await analyst.goto("/ip/203.0.113.50");
  await expect(analyst.getByRole("region", { name: "Answer" })).toBeVisible();
  await loaded.kill();
  try {
    await analyst.getByRole("tab", { name: "Timeline" }).click();
    await expect(
      analyst.getByRole("alert").filter({ hasText: "The server does not answer" }),
    ).toBeVisible();
  } finally {
    await loaded.again();
  }
  await expect(analyst.getByRole("grid", { name: "Records" }).locator("tbody tr")).toHaveCount(22);
});
