import { expect, test } from "vitest";
import { filledColumns } from "./filledColumns";

test("a column is filled when any row has a value in it; zero and false are values", () => {
  const rows = [
    [null, "", 0, undefined, "a"],
    ["", null, null, false, ""],
  ];
  expect(filledColumns(6, rows)).toEqual([2, 3, 4]);
  expect(filledColumns(2, [])).toEqual([]);
});
