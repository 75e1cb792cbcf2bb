import { expect, test } from "vitest";
import { stringLiteral } from "./literal";

test("nothing in a text ends or bends its literal", () => {
  expect(stringLiteral("203.0.113.9")).toBe('"203.0.113.9"');
  expect(stringLiteral('a" or 1==1 //')).toBe('"a\\" or 1==1 //"');
  expect(stringLiteral("contoso\\ada")).toBe('"contoso\\\\ada"');
  expect(stringLiteral("a\nb\u2028c\u007f")).toBe('"a\\nb\\u2028c\\u007f"');
});
