import { clean } from "../axe";
import { expect, test } from "../test";

test("a beaconing address: its connections, its score and what the score is made of", async ({
  analyst,
}) => {
  await analyst.goto("/ip/198.51.100.99");
  await analyst.getByRole("tab", { name: "Connections" }).click();
  await expect(analyst).toHaveURL(/tab=connections/);

  const line = analyst.getByRole("table", { name: "Connections" }).getByRole("row").nth(1);
  await expect(line).toContainText("10.20.0.14");
  await expect(line).toContainText("8443");
  await expect(line).toContainText("inside →");
  await expect(line).toContainText("established");
  await expect(line).toContainText("40 zeek.conn");
  await expect(line).toContainText("2.56 kB"); // 40 times 64 bytes
  await expect(line).toContainText("0.533");
  await expect(line).toContainText(/1:[A-Za-z0-9+/]{27}=/);

  const pair = analyst.getByRole("table", { name: "Beacon scores" }).getByRole("row").nth(1);
  await expect(pair).toContainText("198.51.100.99");
  await expect(pair).toContainText("1.000 (1.00 · 1.00)");
  await expect(pair).toContainText("5 min");
  await expect(analyst.getByRole("img", { name: /the median 5 min/ })).toBeVisible();
  const gaps = analyst.getByRole("table", { name: "Gaps by length" });
  await expect(gaps.getByRole("row").filter({ hasText: "39" })).toHaveCount(1);
  await expect(analyst.getByRole("table", { name: "Active hours" }).getByRole("row")).toHaveCount(
    5,
  );

  await analyst.getByRole("button", { name: "As a table" }).click();
  const flow = analyst.getByRole("table", { name: "Flow of connections" });
  await expect(flow).toContainText("198.51.100.99 : 8443");
  await analyst.reload();
  await expect(flow).toContainText("198.51.100.99 : 8443");

  await analyst.getByLabel("Filter connections").fill("no such thing");
  await expect(analyst.getByText("No connection fits the filter.")).toBeVisible();
});

test("the names of an address come from the organisation's own logs", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=dns");
  const row = analyst.getByRole("table", { name: "Passive DNS" }).getByRole("row").nth(1);
  await expect(row).toContainText("updates.invalid-cdn.example");
  await expect(row).toContainText("DNS answer");
  const cookies = analyst.getByRole("region", { name: "Cookie names" });
  await expect(cookies).toContainText("It is filled by cookie names in zeek.http");
});

test("insights answer what they can, and say what would fill the others", async ({ analyst }) => {
  await analyst.goto("/ip/203.0.113.50?tab=insights");
  const processes = analyst.getByRole("region", { name: "Remote connections by process" });
  await processes.getByRole("button", { name: /as a table/ }).click();
  await expect(processes.getByRole("table")).toContainText("rundll32.exe");
  await expect(analyst.getByRole("region", { name: "Sign-ins to Entra ID" })).toContainText(
    "No data. It is filled by Entra ID sign-in logs",
  );
  await expect(
    processes.getByRole("link", { name: "Open query: Remote connections by process" }),
  ).toHaveAttribute("href", /DeviceNetworkEvents/);
});

for (const [path, ready] of [
  ["/ip/198.51.100.99?tab=connections", "Beacon scores"],
  ["/ip/203.0.113.50?tab=dns", "Passive DNS"],
  ["/ip/203.0.113.50?tab=insights", "Network traffic inspection"],
] as const) {
  test(`${path} breaks no rule of accessibility`, async ({ analyst }) => {
    await analyst.goto(path);
    await expect(analyst.getByRole("region", { name: ready, exact: true })).toBeVisible();
    await clean(analyst);
  });
}
