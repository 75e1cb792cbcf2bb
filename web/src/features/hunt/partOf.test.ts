import { expect, test } from "vitest";
import { partOf } from "./partOf";

test("a part of a result has the values of its columns, also of two with one name", () => {
  const rows = [
    [1, "a", "x"],
    [2, "b", null],
  ];
  expect(partOf(["N", "Name", "Name"], rows, [0, 2])).toEqual({
    columns: ["N", "Name"],
    rows: [
      [1, "x"],
      [2, null],
    ],
  });
});
