import { expect, test } from "vitest";
import { comparedBy, goneOf } from "./differences";

const item = { a: 1, b: 0, contactedA: false, contactedB: false };
const difference = {
  new: 1,
  gone: 2,
  changed: 0,
  same: 5,
  items: [
    { ...item, name: "ws1", state: "new" as const },
    { ...item, name: "ws2", state: "gone" as const },
    { ...item, name: "ws3", state: "gone" as const },
  ],
};

test("what is not listed is the same, when all that differ are", () => {
  expect(comparedBy(difference)("ws1")?.state).toBe("new");
  expect(comparedBy(difference)("ws9")?.state).toBe("same");
  expect(comparedBy({ ...difference, changed: 7 })("ws9")).toBeUndefined();
});

test("the gone are named, and the rest counted", () => {
  expect(goneOf(difference, 10)).toEqual({ names: ["ws2", "ws3"], more: 0 });
  expect(goneOf(difference, 1)).toEqual({ names: ["ws2"], more: 1 });
});
