import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "./urlSearch";

test("the query part holds plain strings", () => {
  expect(parseSearch("?q=T%20%7C%20take%201&range=7d")).toEqual({ q: "T | take 1", range: "7d" });
  expect(parseSearch("?q=1")).toEqual({ q: "1" });
});

test("what is not set leaves no trace", () => {
  expect(stringifySearch({ q: "a b&c", from: undefined, to: "" })).toBe("?q=a+b%26c");
  expect(stringifySearch({})).toBe("");
});

test("what was written is read back", () => {
  const search = { q: 'T\n| where a == "x+y%"' };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});
