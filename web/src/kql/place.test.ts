import { expect, test } from "vitest";
import { markedLine } from "./place";

const query = "DeviceNetworkEvents\n| wher x\r\n| where 𝒳𝒴 == bad";

test("the place is cut out of its line", () => {
  expect(markedLine(query, 2, 3, 4)).toEqual({ before: "| ", marked: "wher", after: " x" });
});

test("columns count characters, not halves of them", () => {
  expect(markedLine(query, 3, 15, 3)).toEqual({
    before: "| where 𝒳𝒴 == ",
    marked: "bad",
    after: "",
  });
});

test("a place of no width is a character, past the end a blank", () => {
  expect(markedLine(query, 2, 1, 0).marked).toBe("|");
  expect(markedLine(query, 2, 9, 1)).toEqual({ before: "| wher x", marked: " ", after: "" });
});

test("a place outside the text stays within it", () => {
  expect(markedLine(query, 99, 99, 99)).toEqual({ before: "", marked: " ", after: "" });
  expect(markedLine(query, 1, -5, Number.POSITIVE_INFINITY).marked).toBe("DeviceNetworkEvents");
});
