import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  timeout: 120_000,
  expect: { timeout: 30_000 },
  forbidOnly: process.env.CI !== undefined,
  // Each has a server of its own; CI has two processors.
  workers: 2,
  // What is measured is measured alone: `npm test` runs it after the others.
  projects: [
    { name: "journeys", testIgnore: /speed/ },
    { name: "speed", testMatch: /speed/ },
  ],
  reporter: [["list"]],
  use: {
    // Debian's Chromium; without the flags it calls home.
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    // A control that is not there fails its test long before the test's own time is over.
    actionTimeout: 20_000,
    colorScheme: "light",
    viewport: { width: 1440, height: 900 },
  },
});
