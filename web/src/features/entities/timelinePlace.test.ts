import { expect, test } from "vitest";
import { rawIdOf, startAt } from "./timelinePlace";

test("a row opens the timeline just before itself", () => {
  // Raw ids are 64 bits long: more than a number holds.
  expect(startAt("17096256001230000.9007199254740993")).toEqual({
    cursor: "17096256001230000.9007199254740994",
  });
  expect(rawIdOf("17096256001230000.9007199254740993")).toBe("9007199254740993");
});

test("no row, or nonsense, opens it at the newest", () => {
  expect(startAt(undefined)).toEqual({});
  expect(startAt("ws-1")).toEqual({});
  expect(rawIdOf("ws-1")).toBeUndefined();
});
