import { describe, expect, test } from "vitest";
import {
  describePeriod,
  describeRange,
  isPreset,
  lastDay,
  periodBefore,
  periodOf,
  periodOfDays,
  periodOfRange,
} from "./range";

const now = new Date("2024-03-01T10:20:30.400Z");

describe("presets", () => {
  test("are whole UTC days including today", () => {
    expect(periodOf("7d", now)).toEqual({
      from: "2024-02-24T00:00:00Z",
      to: "2024-03-02T00:00:00Z",
    });
    expect(periodOf("30d", now).from).toBe("2024-02-01T00:00:00Z");
    expect(periodOf("90d", now).from).toBe("2023-12-03T00:00:00Z");
  });

  test("but for 24 h, which end now", () => {
    expect(periodOf("24h", now)).toEqual({
      from: "2024-02-29T10:20:30Z",
      to: "2024-03-01T10:20:30Z",
    });
  });

  test("are told from other words", () => {
    expect(isPreset("30d")).toBe(true);
    expect(isPreset("31d")).toBe(false);
    expect(isPreset("toString")).toBe(false);
  });
});

test("days include both ends, whichever comes first", () => {
  const expected = { from: "2023-08-16T00:00:00Z", to: "2023-08-19T00:00:00Z" };
  expect(periodOfDays("2023-08-16", "2023-08-18")).toEqual(expected);
  expect(periodOfDays("2023-08-18", "2023-08-16")).toEqual(expected);
});

test("a range may be any number of minutes, hours or days", () => {
  expect(periodOfRange("36h", now)).toEqual({
    from: "2024-02-28T22:20:30Z",
    to: "2024-03-01T10:20:30Z",
  });
  expect(periodOfRange("15m", now)?.from).toBe("2024-03-01T10:05:30Z");
  expect(periodOfRange("2d", now)).toEqual({
    from: "2024-02-29T00:00:00Z",
    to: "2024-03-02T00:00:00Z",
  });
  expect(periodOfRange("all", now)?.from).toBe("1970-01-01T00:00:00Z");
  expect(periodOfRange("0d", now)).toBeNull();
  expect(periodOfRange("soon", now)).toBeNull();
  expect(describeRange("36h")).toBe("Last 36 hours");
  expect(describeRange("all")).toBe("All time");
  expect(describeRange("soon")).toBeNull();
});

test("the last day of a period ends at its exclusive end", () => {
  expect(lastDay({ to: "2023-08-28T00:00:00Z" })).toBe("2023-08-27");
  expect(lastDay({ to: "2023-08-28T00:00:01Z" })).toBe("2023-08-28");
});

describe("a period in words", () => {
  test("names days where it has whole ones", () => {
    expect(describePeriod({ from: "2023-08-16T00:00:00Z", to: "2023-08-19T00:00:00Z" })).toBe(
      "2023-08-16 – 2023-08-18",
    );
    expect(describePeriod({ from: "2023-08-16T00:00:00Z", to: "2023-08-17T00:00:00Z" })).toBe(
      "2023-08-16",
    );
  });

  test("names times elsewhere", () => {
    expect(describePeriod({ from: "2023-08-16T12:30:00Z", to: "2023-08-17T12:30:00Z" })).toBe(
      "2023-08-16 12:30 – 2023-08-17 12:30",
    );
  });

  test("repeats what it cannot read", () => {
    expect(describePeriod({ from: "yesterday", to: "now" })).toBe("yesterday – now");
  });
});

test("the period before is as long and ends where the other begins", () => {
  expect(periodBefore({ from: "2024-03-06T00:00:00Z", to: "2024-03-08T00:00:00Z" })).toEqual({
    from: "2024-03-04T00:00:00Z",
    to: "2024-03-06T00:00:00Z",
  });
});
