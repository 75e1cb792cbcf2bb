import { expect, test } from "vitest";
import { formatDay, formatMinute, formatTicks, formatTime, withTimes } from "./format";

test("times are shown in UTC, to the second, minute or day", () => {
  expect(formatTime("2023-08-16T02:34:24.999+02:00")).toBe("2023-08-16 00:34:24");
  expect(formatMinute("2023-08-16T00:34:24Z")).toBe("2023-08-16 00:34");
  expect(formatDay("2023-08-16T00:34:24Z")).toBe("2023-08-16");
});

test("what is no time is shown as it is", () => {
  expect(formatTime("soon")).toBe("soon");
  expect(formatDay("soon")).toBe("soon");
});

test("a query's datetime keeps its ticks", () => {
  expect(formatTicks("2023-08-16T00:34:24.1234567Z")).toBe("2023-08-16 00:34:24.1234567");
  expect(formatTicks("2023-08-16T00:34:24.1200000Z")).toBe("2023-08-16 00:34:24.12");
  expect(formatTicks("2023-08-16T00:34:24.0000000Z")).toBe("2023-08-16 00:34:24");
  expect(formatTicks("0001-01-01T00:00:00Z")).toBe("0001-01-01 00:00:00");
  expect(formatTicks("never")).toBe("never");
});

test("times are shown in another zone, with its summer time and its own day", () => {
  expect(formatTime("2023-08-16T22:34:24Z", "Europe/Berlin")).toBe("2023-08-17 00:34:24");
  expect(formatTime("2023-01-16T22:34:24Z", "Europe/Berlin")).toBe("2023-01-16 23:34:24");
  expect(formatMinute("2023-08-16T22:34:24Z", "Asia/Kolkata")).toBe("2023-08-17 04:04");
  expect(formatDay("2023-08-16T22:34:24Z", "Europe/Berlin")).toBe("2023-08-17");
  expect(formatTicks("2023-08-16T22:34:24.1234567Z", "Europe/Berlin")).toBe(
    "2023-08-17 00:34:24.1234567",
  );
});

test("times within a text are shown in the zone, days are left alone", () => {
  const text = "first 2023-08-16 22:34:24 from a, as of 2023-08-16 22:34, on 2023-08-16";
  expect(withTimes(text, "Europe/Berlin")).toBe(
    "first 2023-08-17 00:34:24 from a, as of 2023-08-17 00:34, on 2023-08-16",
  );
  expect(withTimes(text, "UTC")).toBe(text);
});
