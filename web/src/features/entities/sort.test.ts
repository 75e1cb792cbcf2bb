import { expect, test } from "vitest";
import { sortOf, sortParam } from "./sort";

test("counts and times run downwards by nature, names upwards", () => {
  expect(sortParam({ column: "records", descending: true })).toBe("records");
  expect(sortParam({ column: "last", descending: false })).toBe("-last");
  expect(sortParam({ column: "name", descending: false })).toBe("name");
  expect(sortParam({ column: "name", descending: true })).toBe("-name");
  expect(sortParam({ column: "process", descending: true })).toBeUndefined();
});

test("an order is read as it is written", () => {
  expect(sortOf("-last")).toEqual({ column: "last", descending: false });
  expect(sortOf("name")).toEqual({ column: "name", descending: false });
  expect(sortOf("toString")).toBeUndefined();
  expect(sortOf(undefined)).toBeUndefined();
});
