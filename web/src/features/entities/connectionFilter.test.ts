import { expect, test } from "vitest";
import { connectionFilter, connectionPredicate } from "./connectionFilter";

test("a filter of connections is a predicate, and is read back", () => {
  const filter = { outcome: "refused", protocol: "Tcp", direction: "in" } as const;
  const where = 'Outcome == "refused" and Protocol == "Tcp" and Direction == "in"';
  expect(connectionPredicate(filter)).toBe(where);
  expect(connectionFilter(where)).toEqual(filter);
  expect(connectionPredicate({})).toBeUndefined();
});

test("what a link says wrongly keeps all", () => {
  expect(connectionFilter('Outcome == "won" and Direction == "up"')).toEqual({});
  expect(connectionFilter("Outcome ==")).toEqual({});
});
