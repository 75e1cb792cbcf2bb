import { expect, test } from "vitest";
import { formatDay, formatMinute, formatTicks, formatTime } from "./format";

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
