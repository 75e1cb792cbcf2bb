import { expect, test } from "vitest";
import { comparedBy, goneOf } from "./differences";

const item = { a: 1, b: 0, contactedA: false, contactedB: false };
const difference = {
  new: 1,
  gone: 2,
  changed: 0,
  same: 2,
  items: [
    { ...item, name: "ws1", state: "new" as const },
    { ...item, name: "ws2", state: "gone" as const },
    { ...item, name: "ws3", state: "gone" as const },
  ],
  sameNames: ["ws4", "ws5"],
};

test("each is found by its name, and what the comparison does not name is not said to be the same", () => {
  const find = comparedBy(difference);
  expect(find("ws1")?.state).toBe("new");
  expect(find("ws5")?.state).toBe("same");
  expect(find("ws9")).toBeUndefined();
  expect(comparedBy({ ...difference, sameNames: undefined })("ws5")).toBeUndefined();
});

test("the gone are named, and the rest counted", () => {
  expect(goneOf(difference, 10)).toEqual({ names: ["ws2", "ws3"], more: 0 });
  expect(goneOf(difference, 1)).toEqual({ names: ["ws2"], more: 1 });
});
