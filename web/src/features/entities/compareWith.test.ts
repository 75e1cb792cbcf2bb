import { expect, test } from "vitest";
import { chosenOther, compareWord, otherOf } from "./compareWith";

test.each([
  ["203.0.113.9", { id: "203.0.113.9", first: "", last: "" }],
  ["@2024-01-01..2024-01-31", { id: "", first: "2024-01-01", last: "2024-01-31" }],
  [
    "203.0.113.9@2024-01-01..2024-01-31",
    { id: "203.0.113.9", first: "2024-01-01", last: "2024-01-31" },
  ],
  ["alice@corp.test", { id: "alice@corp.test", first: "", last: "" }],
  [
    "alice@corp.test@2024-01-01..2024-01-02",
    { id: "alice@corp.test", first: "2024-01-01", last: "2024-01-02" },
  ],
])("%s stands in a link and is read back", (word, chosen) => {
  expect(compareWord(chosen)).toBe(word);
  expect(chosenOther(word)).toEqual(chosen);
});

test("days are whole and both count; half a period is none", () => {
  expect(otherOf("@2024-01-01..2024-01-31")).toEqual({
    with: undefined,
    withFrom: "2024-01-01T00:00:00Z",
    withTo: "2024-02-01T00:00:00Z",
  });
  expect(compareWord({ id: "", first: "2024-01-01", last: "" })).toBeUndefined();
});

test("the period before is the server's own default", () => {
  expect(otherOf("previous")).toEqual({ with: undefined, withFrom: undefined, withTo: undefined });
  expect(chosenOther("previous")).toEqual({ id: "", first: "", last: "" });
});
