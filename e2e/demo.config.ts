import config from "./playwright.config";

/** What is run against the invented organisation of `spoor demo`. */
export default { ...config, testDir: "demo", timeout: 600_000, projects: [{ name: "demo" }] };
