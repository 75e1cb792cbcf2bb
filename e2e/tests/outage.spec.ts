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

test("a page that was not loaded comes with the server, and the app stays meanwhile", async ({
  analyst,
  loaded,
}) => {
  await analyst.goto("/ip/203.0.113.50");
  await expect(analyst.getByRole("region", { name: "Answer" })).toBeVisible();
  await loaded.kill();
  try {
    await analyst
      .getByRole("navigation", { name: "Pages" })
      .getByRole("link", { name: "Sources" })
      .click();
    await expect(
      analyst.getByRole("alert").filter({ hasText: "The server does not answer" }),
    ).toBeVisible();
    await expect(
      analyst.getByRole("heading", { name: "This part of the app is not loaded yet" }),
    ).toBeVisible();
  } finally {
    await loaded.again();
  }
  await expect(analyst.getByRole("heading", { name: "Sources", exact: true })).toBeVisible();
});

test("a part that fails says so beside the others, and can be tried again", async ({ analyst }) => {
  await analyst.route("**/contacts?*", (route) =>
    route.fulfill({
      status: 500,
      contentType: "application/problem+json",
      body: JSON.stringify({ title: "Internal Server Error", status: 500, detail: "it broke" }),
    }),
  );
  await analyst.goto("/ip/203.0.113.50");
  const card = analyst.getByRole("region", { name: "First contacts" });
  await expect(card.getByRole("alert")).toContainText("it broke");
  await expect(analyst.getByRole("region", { name: "Answer" })).toContainText("11 zeek.conn");
  await expect(analyst.getByRole("table", { name: "Devices" }).getByRole("row")).toHaveCount(4);
  await analyst.unroute("**/contacts?*");
  await card.getByRole("button", { name: "Try again" }).click();
  await expect(card.locator("ol > li")).toHaveCount(2);
});
