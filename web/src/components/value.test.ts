import { expect, test } from "vitest";
import { valueText, wholeText } from "./value";

test("values are shown by their type", () => {
  expect(valueText("datetime", "2023-08-16T00:34:24.5000000Z")).toBe("2023-08-16 00:34:24.5");
  expect(valueText("long", "9007199254740993")).toBe("9007199254740993");
  expect(valueText("bool", false)).toBe("false");
  expect(valueText("dynamic", { a: null })).toBe('{"a":null}');
  expect(valueText("string", null)).toBe("");
});

test("in full, objects and lists are laid out", () => {
  expect(wholeText("dynamic", { a: 1 })).toBe('{\n  "a": 1\n}');
  expect(wholeText("string", "a")).toBe("a");
});
