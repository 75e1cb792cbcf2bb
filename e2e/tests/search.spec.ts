import type { Page } from "@playwright/test";
import { clean } from "../axe";
import { expect, test } from "../test";

async function inTheme(page: Page, theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await expect(page.locator(".fui-FluentProvider").first()).toHaveCSS("color-scheme", theme);
}

test("a defanged URL finds its host, with a preview; Shift+Enter opens the panel", async ({
  analyst,
}) => {
  await analyst.goto("/");
  await analyst.keyboard.press("Control+k");
  const box = analyst.getByRole("combobox", { name: "Search" });
  await box.fill("203[.]0[.]113[.]50");
  const option = analyst.getByRole("option", { name: /IP address.*203\.0\.113\.50.*seen/ });
  await expect(option).toBeVisible();
  await clean(analyst);
  await box.press("Shift+Enter");
  const panel = analyst.getByRole("dialog");
  await expect(panel).toContainText("203.0.113.50");
  await expect(panel).toContainText("zeek.conn");
  await panel.getByRole("button", { name: "Open its page" }).click();
  await expect(analyst).toHaveURL(/\/ip\/203\.0\.113\.50/);
});

test("an address never seen still opens its page", async ({ analyst }) => {
  await analyst.goto("/");
  const box = analyst.getByRole("combobox", { name: "Search" });
  await box.fill("198[.]51[.]100[.]200");
  await expect(analyst.getByRole("option", { name: /IP address.*never seen/ })).toBeVisible();
  await box.press("Enter");
  await expect(analyst).toHaveURL(/\/ip\/198\.51\.100\.200/);
  await expect(analyst.getByRole("heading", { level: 1, name: "198.51.100.200" })).toBeVisible();
});

test("200 observables: each row says what the API says", async ({ analyst }) => {
  const list = ["203[.]0[.]113[.]50", "hxxps://unseen[.]example/x", "10.20.1.0/24", "AS64500"];
  for (let i = 1; list.length < 200; i++) list.push(`198.51.100.${i}`);
  await analyst.goto("/triage");
  await analyst.getByLabel("Observables").fill(`seen before: ${list.join(", ")} 203.0.113.50`);
  const answered = analyst.waitForResponse((r) => r.url().endsWith("/api/triage"));
  await analyst.getByRole("button", { name: "Look them up" }).click();
  const answer = (await (await answered).json()) as {
    total: number;
    seen: number;
    items: { value: string; seen: boolean; devices: number; first: string | null }[];
  };
  expect(answer.total).toBe(200);
  const region = analyst.getByRole("region", { name: "Observables" });
  await expect(region).toContainText(`${answer.seen} seen here`);
  const table = analyst.getByRole("table", { name: "Triage" });
  await expect(table).toHaveAttribute("aria-rowcount", "201");

  await table.getByRole("button", { name: "Devices" }).click();
  await expect(analyst).toHaveURL(/sort=-devices/);
  const c2 = answer.items.find((r) => r.value === "203.0.113.50");
  const row = table.getByRole("row").filter({ hasText: "203.0.113.50" });
  await expect(row).toContainText("contacted");
  await expect(row).toContainText((c2?.first ?? "").slice(0, 16).replace("T", " "));
  await expect(row.getByRole("cell", { name: `${c2?.devices}`, exact: true })).toBeVisible();

  // The page of the address, of all time, counts the same devices.
  const page = await analyst.request.get("/api/entities/ip/203.0.113.50?from=2000-01-01");
  const { prevalence } = (await page.json()) as { prevalence: { devices: number } };
  expect(c2?.devices).toBe(prevalence.devices);
  expect(answer.items.find((r) => r.value === "198.51.100.7")?.seen).toBe(true); // the scanner
  expect(answer.items.find((r) => r.value === "198.51.100.9")?.seen).toBe(false);

  // The link restores list and order; the export has every row.
  await analyst.reload();
  await expect(table).toHaveAttribute("aria-rowcount", "201");
  const saved = analyst.waitForEvent("download");
  await analyst.getByRole("button", { name: "Export JSON" }).click();
  const file = await (await saved).createReadStream();
  let text = "";
  for await (const part of file) text += part;
  const rows = JSON.parse(text) as { observable: string; seen: boolean }[];
  expect(rows.map((r) => r.observable).sort()).toEqual(answer.items.map((r) => r.value).sort());
  expect(rows.filter((r) => r.seen).length).toBe(answer.seen);
  for (const theme of ["light", "dark"] as const) {
    await inTheme(analyst, theme);
    await clean(analyst);
  }
});

test("a note with its history, an alias and a watch stay with the address", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=notes");
  const notes = analyst.getByRole("region", { name: "Notes" });
  await notes.getByLabel("New note").fill("C2 of <b>case 7</b>");
  await notes.getByRole("button", { name: "Add note" }).click();
  await expect(notes).toContainText("C2 of <b>case 7</b>"); // as text
  await notes.getByRole("button", { name: "Change" }).click();
  await notes.getByLabel("Text of the note").fill("C2 of case 8");
  await notes.getByRole("button", { name: "Keep" }).click();
  await expect(notes).toContainText("C2 of case 8");
  await notes.getByRole("button", { name: "History" }).click();
  await expect(notes.getByRole("blockquote")).toContainText("case 7");

  const alias = analyst.getByRole("region", { name: "Alias" });
  await alias.getByLabel("Alias").fill("Old C2");
  await alias.getByRole("button", { name: "Keep" }).click();
  await expect(analyst.getByText("“Old C2”")).toBeVisible();

  const watch = analyst.getByRole("region", { name: "Watch" });
  await watch.getByLabel("Why watch it").fill("case 8");
  await watch.getByLabel(/^Until/).fill("2100-01-01");
  await watch.getByRole("button", { name: "Watch it" }).click();
  await expect(watch).toContainText("until 2100-01-01");
  await expect(analyst.getByRole("button", { name: "Watched" })).toBeVisible();

  const audit = analyst.getByRole("table", { name: "Audit" });
  await expect(audit).toContainText("note.change");
  for (const theme of ["light", "dark"] as const) {
    await inTheme(analyst, theme);
    await clean(analyst);
  }
  // The alias finds the address.
  await analyst.getByRole("combobox", { name: "Search" }).fill("old c2");
  await expect(analyst.getByRole("option", { name: /203\.0\.113\.50/ })).toBeVisible();
});

test("keys: the sheet, and ways about", async ({ analyst }) => {
  await analyst.goto("/");
  await analyst.getByRole("heading", { level: 1 }).waitFor();
  await analyst.keyboard.press("?");
  await expect(analyst.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await clean(analyst);
  await analyst.keyboard.press("Escape");
  await expect(analyst.getByRole("dialog")).toHaveCount(0);
  await analyst.keyboard.press("g");
  await analyst.keyboard.press("t");
  await expect(analyst).toHaveURL(/\/triage/);
});
