import { expect, test } from "vitest";
import { sortParam } from "./sort";

test("counts and times run downwards by nature, names upwards", () => {
  expect(sortParam({ column: "records", descending: true })).toBe("records");
  expect(sortParam({ column: "last", descending: false })).toBe("-last");
  expect(sortParam({ column: "name", descending: false })).toBe("name");
  expect(sortParam({ column: "name", descending: true })).toBe("-name");
  expect(sortParam({ column: "process", descending: true })).toBeUndefined();
});
