import { expect, test } from "vitest";
import type { Prevalence } from "@/api/entities";
import { prevalenceWords } from "./prevalenceWords";

const day = { day: "2024-03-04", devices: 1, outcomes: {}, alerts: 0 };
const some: Prevalence = {
  sourceKind: "zeek.conn",
  devices: 3,
  devicesTotal: 57,
  days: [
    { ...day, records: 4 },
    { ...day, records: 0 },
  ],
  rarerThan: null,
  rarerAsOf: null,
  rarerPending: false,
  query: "",
};

test("devices are said of those that report", () => {
  expect(prevalenceWords(some, "ip")).toBe("3 of 57 devices with records in this period");
  expect(prevalenceWords({ ...some, devices: 1, devicesTotal: 1 }, "hash")).toBe(
    "1 of 1 device with records in this period",
  );
  expect(prevalenceWords({ ...some, devices: 1, devicesTotal: 0 }, "ip")).toBe(
    "1 own host in this period",
  );
  expect(prevalenceWords({ ...some, devices: 0, devicesTotal: 0 }, "domain")).toBe(
    "No device reports in this period, only sensors that name none",
  );
});

test("a device is not counted among devices: its days are", () => {
  expect(prevalenceWords({ ...some, devices: 1 }, "device")).toBe("Records on 1 of 2 days");
});

test("rarity is rounded down", () => {
  expect(prevalenceWords({ ...some, rarerThan: 0.97999 }, "ip")).toBe(
    "3 of 57 devices with records in this period · rarer than 97.9 % of the external addresses of the period",
  );
  expect(prevalenceWords({ ...some, rarerPending: true }, "ip")).toContain("is being counted");
});
