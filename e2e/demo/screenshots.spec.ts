import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { Spoor } from "../spoor";
import { password, setFirstPassword } from "../test";

const folder = join(import.meta.dirname, "..", "..", "docs", "images");
/** The control server of the demo's story. */
const address = "203.0.113.77";
const query = [
  "DeviceNetworkEvents",
  `| where RemoteIP == "${address}" and InitiatingProcessCommandLine != ""`,
  "| summarize Connections = count(), First = min(Timestamp), Last = max(Timestamp)",
  "    by DeviceName, InitiatingProcessFileName, InitiatingProcessCommandLine",
  "| sort by First asc",
].join("\n");
const observables = `${address}, telemetry.brightpixel[.]example, 198.51.100.251, 192.0.2.200, 10.1.10.20, 203.0.113.0/24`;

/** The pictures: where they are taken, and what must stand there first. */
const pictures: [name: string, path: string, ready: (page: Page) => Promise<void>][] = [
  [
    "home",
    "/",
    async (page) => {
      await expect(page.getByRole("table", { name: "What is loaded" })).toBeVisible();
      await expect(page.getByRole("table", { name: /^New external addresses/ })).toBeVisible();
    },
  ],
  [
    "ip-overview",
    `/ip/${address}`,
    async (page) => {
      // How rare it is comes when it has been counted in the background.
      await expect(async () => {
        await page.reload();
        const answer = page.getByRole("region", { name: "Answer" });
        await expect(answer).toContainText("rarer than", { timeout: 5_000 });
      }).toPass();
      await expect(page.getByRole("img", { name: /Devices and records/ })).toBeVisible();
      await expect(page.getByRole("region", { name: "First contacts" })).toBeVisible();
    },
  ],
  [
    "ip-observed",
    `/ip/${address}?tab=observed`,
    (page) => expect(page.getByRole("table", { name: "Devices" })).toBeVisible(),
  ],
  [
    "ip-timeline",
    `/ip/${address}?tab=timeline`,
    (page) => expect(page.getByRole("grid", { name: "Records" })).toBeVisible(),
  ],
  [
    "ip-connections",
    `/ip/${address}?tab=connections`,
    (page) => expect(page.getByRole("table", { name: "Connections" })).toBeVisible(),
  ],
  [
    "query",
    `/query?q=${encodeURIComponent(query)}`,
    (page) => expect(page.getByRole("table", { name: "Result rows" })).toBeVisible(),
  ],
  [
    "triage",
    `/triage?q=${encodeURIComponent(observables)}`,
    (page) => expect(page.getByRole("table", { name: "Triage" })).toBeVisible(),
  ],
];

test("the pictures of docs/images", async ({ page }) => {
  const demo = await Spoor.demo();
  try {
    await setFirstPassword(demo);
    await page.request.post(`${demo.url}/api/session`, { data: { user: "admin", password } });
    for (const theme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: theme });
      for (const [name, path, ready] of pictures) {
        await page.goto(demo.url + path);
        await ready(page);
        await page.waitForLoadState("networkidle");
        await page.screenshot({
          animations: "disabled",
          path: join(folder, `${name}-${theme}.png`),
        });
      }
    }
  } finally {
    await demo.stop();
  }
});
