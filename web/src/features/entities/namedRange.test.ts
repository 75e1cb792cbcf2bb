import { expect, test } from "vitest";
import { proposedRange, validity } from "./namedRange";

test.each([
  ["10.1.2.3", "10.1.2.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8::/64"],
  ["::1", "::/64"],
  ["fe80::", "fe80::/64"],
])("around %s a range of %s is proposed", (address, range) => {
  expect(proposedRange(address)).toBe(range);
});

test("both days of a validity count whole", () => {
  expect(validity("2024-02-01", "2024-02-29")).toEqual({
    validFrom: "2024-02-01T00:00:00Z",
    validTo: "2024-03-01T00:00:00Z",
  });
  expect(validity("", "")).toEqual({ validFrom: undefined, validTo: undefined });
});
