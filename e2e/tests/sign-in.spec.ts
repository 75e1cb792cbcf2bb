import { expect, password, signIn, test } from "../test";

test("the one-time password opens nothing but the choice of another", async ({ page, fresh }) => {
  await page.goto(fresh.url);
  await signIn(page, "admin", "not the password");
  await expect(page.getByRole("alert")).toContainText("Not signed in");

  await signIn(page, "admin", fresh.oneTimePassword);
  await expect(page.getByRole("heading", { name: "Choose a password" })).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);

  await page.getByLabel("One-time password").fill(fresh.oneTimePassword);
  await page.getByLabel("New password", { exact: true }).fill(password);
  await page.getByLabel("New password again").fill(`${password}!`);
  await expect(page.getByText("The two are not the same.")).toBeVisible();
  await page.getByLabel("New password again").fill(password);
  await page.getByRole("button", { name: "Set password" }).click();

  await expect(page.getByRole("region", { name: "Nothing is loaded yet" })).toContainText(
    "spoor ingest PATH",
  );

  await page.getByRole("button", { name: "admin" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await signIn(page, "admin", fresh.oneTimePassword);
  await expect(page.getByRole("alert")).toContainText("Not signed in");
  await signIn(page, "admin", password);
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
});

test("where nobody is signed in, a page asks once who is", async ({ page, fresh }) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) asked.push(`${request.method()} ${pathname}`);
  });
  await page.goto(`${fresh.url}/ip/203.0.113.50`);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(asked).toEqual(["GET /api/session"]);
});

test("who guesses is slowed down and told so", async ({ page, fresh }) => {
  await page.goto(fresh.url);
  const alert = page.getByRole("alert");
  for (let i = 0; i < 20 && !(await alert.filter({ hasText: "Too many attempts" }).count()); i++) {
    const answer = page.waitForResponse("**/api/session");
    await signIn(page, "admin", `guess number ${i}`);
    await (await answer).finished();
    await expect(alert).toBeVisible();
  }
  await expect(alert).toContainText("Too many attempts");
});

test("an expired session leads through the sign-in back to the same view", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  await expect(analyst.getByRole("heading", { name: "203.0.113.50" })).toBeVisible();
  // A section that is still to come would meet the end of the session before the click does,
  // and so would the page's question whether the rarity is counted.
  await expect(analyst.getByRole("region", { name: "Answer" })).not.toContainText("is counted");
  await analyst.waitForLoadState("networkidle");
  await analyst.getByRole("button", { name: /^Time range/ }).click();
  const week = analyst.getByRole("menuitem", { name: "Last 7 days" });
  await week.hover(); // it stands still
  await analyst.context().clearCookies();
  await week.click();
  await expect(analyst.getByRole("button", { name: "Sign in" })).toBeVisible();

  await signIn(analyst, "admin", password);
  await expect(analyst.getByRole("heading", { name: "203.0.113.50" })).toBeVisible();
  await expect(analyst).toHaveURL(/range=7d/);
});
