import { expect, test } from "vitest";
import { alertOrder, alertOrderWord } from "./alertOrder";

test("the latest and the gravest come first by nature, texts from A", () => {
  expect(alertOrder(undefined)).toEqual({
    sort: { column: "time", descending: true },
    param: "time",
  });
  expect(alertOrder("-severity").sort).toEqual({ column: "severity", descending: false });
  expect(alertOrder("title").sort).toEqual({ column: "title", descending: false });
  expect(alertOrder("nonsense").param).toBe("time");
});

test("an order is written as it is read, and the first one not at all", () => {
  expect(alertOrderWord({ column: "severity", descending: true })).toBe("severity");
  expect(alertOrderWord({ column: "title", descending: true })).toBe("-title");
  expect(alertOrderWord({ column: "time", descending: true })).toBeUndefined();
  expect(alertOrderWord({ column: "time", descending: false })).toBe("-time");
});
