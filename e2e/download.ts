import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";

/** The text of the file that something begins to download. */
export async function saved(page: Page, start: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download"), start()]);
  return readFile(await file.path(), "utf8");
}

/** What a menu of forms gives in one of them. */
export async function exported(page: Page, button: string, form: string): Promise<string> {
  await page.getByRole("button", { name: button, exact: true }).last().click();
  return saved(page, () => page.getByRole("menuitem", { name: form }).click());
}
