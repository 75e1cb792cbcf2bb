import { test as base, expect, type Page } from "@playwright/test";
import { Spoor } from "./spoor";

const password = "correct horse battery staple";

interface PerWorker {
  /** A server with the fixture logs in it, whose admin has set the password. */
  loaded: Spoor;
}

interface PerTest {
  /** A server on which nobody was yet. */
  fresh: Spoor;
  /** A page whose visitor is signed in on the loaded server. */
  analyst: Page;
}

export const test = base.extend<PerTest, PerWorker>({
  loaded: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
    async ({}, use) => {
      const spoor = await Spoor.start();
      await setFirstPassword(spoor);
      await spoor.ingest();
      await use(spoor);
      await spoor.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
  fresh: async ({}, use) => {
    const spoor = await Spoor.start();
    await use(spoor);
    await spoor.stop();
  },

  baseURL: async ({ loaded }, use) => use(loaded.url),

  analyst: async ({ page }, use) => {
    const answer = await page.request.post("/api/session", { data: { user: "admin", password } });
    expect(answer.status()).toBe(200);
    // The server keeps theme and zone; a test begins with the browser's theme, and in UTC.
    const { csrfToken } = (await answer.json()) as { csrfToken: string };
    const reset = await page.request.put("/api/preferences", {
      data: { theme: "system", timeZone: "UTC" },
      headers: { "X-CSRF-Token": csrfToken },
    });
    expect(reset.ok()).toBe(true);
    await use(page);
  },
});

export { expect, password };

/** Signs in through the form that stands in place of every page. */
export async function signIn(page: Page, user: string, secret: string): Promise<void> {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Sets the password of "admin" on a server on which nobody was yet. */
export async function setFirstPassword(spoor: Spoor): Promise<void> {
  const signedIn = await fetch(`${spoor.url}/api/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: "admin", password: spoor.oneTimePassword }),
  });
  const { csrfToken } = (await signedIn.json()) as { csrfToken: string };
  const set = await fetch(`${spoor.url}/api/session/password`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRF-Token": csrfToken,
      Cookie: (signedIn.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "",
    },
    body: JSON.stringify({ current: spoor.oneTimePassword, new: password }),
  });
  if (!set.ok) throw new Error(`setting the password: ${set.status} ${await set.text()}`);
}
