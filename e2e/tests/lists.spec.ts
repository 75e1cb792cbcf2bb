import { clean } from "../axe";
import { expect, test } from "../test";

function list(name: string, entries: string[]): string {
  return JSON.stringify({
    name,
    version: 20260801,
    type: "cidr",
    matching_attributes: [],
    list: entries,
  });
}

test("lists of known noise are imported, seen on the page of an address, and removed", async ({
  analyst,
}) => {
  await analyst.goto("/sources");
  const card = analyst.getByRole("region", { name: "Known-noise lists" });
  await expect(card).toContainText("No list is here yet");
  await card
    .getByLabel("Import files: Known-noise lists")
    .first()
    .setInputFiles([
      {
        name: "probes-scanner.json",
        mimeType: "application/json",
        buffer: Buffer.from(list("Probes", ["192.0.2.200/32", "192.0.2.201/32"])),
      },
      {
        name: "broken.json",
        mimeType: "application/json",
        buffer: Buffer.from('{"name": <img src=x onerror=alert(1)>'),
      },
    ]);
  await expect(card.getByText("1 file imported.")).toBeVisible();
  await expect(card.getByRole("alert")).toContainText("1 file refused");
  await expect(card.getByRole("alert")).toContainText("broken.json: ");
  const row = card.getByRole("row").filter({ hasText: "Probes" });
  await expect(row).toContainText("scanner");
  await expect(row.getByRole("cell", { name: "2", exact: true })).toBeVisible();
  await expect(row).toContainText("2026-08-01");
  await clean(analyst);

  await analyst.goto("/ip/192.0.2.200");
  await expect(analyst.getByText("scanner", { exact: true })).toBeVisible();

  await analyst.goto("/sources");
  await card.getByRole("button", { name: "Remove Probes" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Remove Probes?" });
  await clean(analyst);
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(card).toContainText("No list is here yet");
});

test("a folder of lists is imported, each called after its folder", async ({ analyst }, info) => {
  const { mkdir, writeFile } = await import("node:fs/promises");
  const folder = info.outputPath("lists");
  for (const name of ["folder-cloud", "folder-resolver"]) {
    await mkdir(`${folder}/${name}`, { recursive: true });
    await writeFile(`${folder}/${name}/list.json`, list(name, ["198.18.0.0/24"]));
  }
  await writeFile(`${folder}/README.md`, "no list");
  await analyst.goto("/sources");
  const card = analyst.getByRole("region", { name: "Known-noise lists" });
  await card.getByLabel("Import a folder: Known-noise lists").first().setInputFiles(folder);
  await expect(card.getByText("2 files imported.")).toBeVisible();
  for (const name of ["folder-cloud", "folder-resolver"]) {
    await card.getByRole("button", { name: `Remove ${name}` }).click();
    await analyst.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await expect(card.getByRole("row").filter({ hasText: name })).toHaveCount(0);
  }
});

test("a file of certificate transparency is imported and removed", async ({ analyst }) => {
  await analyst.goto("/sources");
  const card = analyst.getByRole("region", { name: "Certificate transparency" });
  const answer = [
    {
      issuer_ca_id: 1,
      issuer_name: "C=XX, O=Test, CN=Test CA",
      common_name: "shop.lists.example",
      name_value: "shop.lists.example\n*.lists.example",
      id: 7,
      entry_timestamp: "2026-08-01T00:00:00.000",
      not_before: "2026-08-01T00:00:00",
      not_after: "2026-10-30T00:00:00",
      serial_number: "07",
    },
  ];
  await card
    .getByLabel("Import files: Certificate transparency")
    .first()
    .setInputFiles({
      name: "lists.example.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify(answer)),
    });
  const row = card.getByRole("row").filter({ hasText: "lists.example.json" });
  await expect(row).toBeVisible();
  await card.getByRole("button", { name: "Remove lists.example.json" }).click();
  await analyst.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(row).toHaveCount(0);
});
