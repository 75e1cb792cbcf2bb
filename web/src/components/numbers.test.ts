import { expect, test } from "vitest";
import { counted, countedAll, countedOf, formatBytes, formatCount } from "./numbers";

test("counts have thousands separators", () => {
  expect(formatCount(15048)).toBe("15,048");
  expect(formatCount(0)).toBe("0");
});

test("one is one, and all others are several", () => {
  expect(counted(1, "host")).toBe("1 host");
  expect(counted(0, "host")).toBe("0 hosts");
  expect(counted(15_048, "host")).toBe("15,048 hosts");
});

test("one row of a list is called by the singular", () => {
  expect(countedOf(1, "devices")).toBe("1 device");
  expect(countedOf(1, "addresses")).toBe("1 address");
  expect(countedOf(2, "addresses")).toBe("2 addresses");
  expect(countedAll(1, "peers")).toBe("1 peer");
  expect(countedAll(0, "peers")).toBe("all 0 peers");
  expect(countedAll(1300, "peers")).toBe("all 1,300 peers");
});

test("bytes have three digits at most", () => {
  expect(formatBytes(0)).toBe("0 B");
  expect(formatBytes(999)).toBe("999 B");
  expect(formatBytes(1000)).toBe("1 kB");
  expect(formatBytes(48_230)).toBe("48.2 kB");
  expect(formatBytes(1_234_567)).toBe("1.23 MB");
  expect(formatBytes(999_999)).toBe("1 MB");
  expect(formatBytes(250_000_000_000)).toBe("250 GB");
});
