import type { Page } from "@playwright/test";
import { clean } from "../axe";
import { expect, test } from "../test";

/** Puts a file in as the analyst, who may take it out again with what this gives. */
async function put(page: Page, path: string, name: string, text: string) {
  const session = (await (await page.request.get("/api/session")).json()) as { csrfToken: string };
  const headers = {
    "X-CSRF-Token": session.csrfToken,
    "Content-Type": "application/octet-stream",
  };
  const answer = await page.request.post(`${path}=${name}.json`, {
    data: Buffer.from(text),
    headers,
  });
  expect(answer.status(), await answer.text()).toBe(200);
  return async (kept: string) => {
    expect((await page.request.delete(kept, { headers })).status()).toBe(204);
  };
}

/** An entry as crt.sh lists it. */
function certificate(names: string, serial: string) {
  return {
    issuer_ca_id: 7,
    issuer_name: "CN=Utopia Trust",
    common_name: names.split("\n")[0],
    name_value: names,
    not_before: "2024-03-01T09:20:30",
    not_after: "2024-05-30T09:20:29",
    serial_number: serial,
  };
}

test("names in certificates stand beside those that own logs saw", async ({ analyst }) => {
  await analyst.goto("/entity/domain/invalid-cdn.example");
  await expect(analyst.getByRole("region", { name: "Never seen" })).toContainText("Names below it");
  await analyst.getByRole("button", { name: "Show its subdomains of all time" }).click();
  const below = analyst.getByRole("region", { name: "Subdomains", exact: true });
  await expect(below).toContainText("updates.invalid-cdn.example");
  await expect(below).toContainText("No certificate transparency is imported");
  const answer = [
    certificate("updates.invalid-cdn.example\n*.invalid-cdn.example", "01"),
    certificate("shop.invalid-cdn.example\nshop.never-seen.example", "02"),
  ];
  const remove = await put(analyst, "/api/transparency?name", "cdn", JSON.stringify(answer));
  await analyst.reload();
  await expect(below).toContainText(
    "2 in certificate transparency, 1 of them never seen here, and 1 wildcard",
  );
  const row = (name: string) => below.getByRole("row").filter({ hasText: name });
  await expect(row("shop.invalid-cdn.example")).toContainText("not seen here");
  await expect(row("shop.invalid-cdn.example")).toContainText(
    "certificate transparency, cdn.json of",
  );
  await expect(row("updates.invalid-cdn.example")).toContainText("zeek.dns");
  await expect(row("updates.invalid-cdn.example")).toContainText("CN=Utopia Trust");
  await clean(analyst);

  await analyst.goto("/ip/203.0.113.50?tab=dns");
  const under = analyst.getByRole("region", { name: "Names under its domains", exact: true });
  await expect(under).toContainText("shop.invalid-cdn.example");
  await expect(under).not.toContainText("never-seen");
  await clean(analyst);
  await remove("/api/transparency/cdn.json");
});

test("what line an address has is told by each list, or by none", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50");
  const identity = analyst.getByRole("region", { name: "Identity" });
  await expect(identity).toContainText("no list that tells it is imported");
  const list = {
    name: "Invented cloud",
    type: "cidr",
    version: 20240301,
    list: ["203.0.113.0/24"],
  };
  const remove = await put(analyst, "/api/noise?source", "some-cloud", JSON.stringify(list));
  await analyst.reload();
  await expect(identity).toContainText("hosting");
  await expect(identity).toContainText("some-cloud, 2024-03-01 · 203.0.113.0/24");
  await analyst.goto("/ip/198.51.100.20");
  await expect(identity).toContainText("not in the one list asked");
  await clean(analyst);
  await remove("/api/noise/some-cloud");
});
