import { expect, test } from "vitest";
import { allZones, describeZone, shownZone, showZone, zoneOf } from "./zone";

test("a zone is kept by its name; what is none is UTC", () => {
  expect(shownZone()).toBe("UTC");
  showZone("Asia/Kolkata");
  expect(shownZone()).toBe("Asia/Kolkata");
  showZone("Nowhere/At_all");
  expect(shownZone()).toBe("UTC");
  expect(zoneOf("")).toBeUndefined();
});

test("a zone is described with its offset at the time", () => {
  const summer = new Date("2024-07-01T00:00:00Z");
  const winter = new Date("2024-01-01T00:00:00Z");
  expect(describeZone("Europe/Berlin", summer)).toBe("Europe/Berlin (UTC+2)");
  expect(describeZone("Europe/Berlin", winter)).toBe("Europe/Berlin (UTC+1)");
  expect(describeZone("UTC", summer)).toBe("UTC");
});

test("UTC is offered first", () => {
  expect(allZones()[0]).toBe("UTC");
  expect(allZones()).toContain("Europe/Berlin");
});
