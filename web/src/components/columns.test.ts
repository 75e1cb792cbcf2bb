import { expect, test } from "vitest";
import { chosenColumns, columnsWord } from "./columns";

const known = ["name", "records", "first", "last"];
const usual = ["name", "last"];
const sets = [{ name: "hunters", columns: ["first", "gone", "records"] }];

test("a link names columns or a kept set; what it means nothing by gives the usual ones", () => {
  expect(chosenColumns(undefined, known, usual, sets)).toEqual(["name", "last"]);
  expect(chosenColumns("last,first", known, usual, sets)).toEqual(["name", "first", "last"]);
  expect(chosenColumns("hunters", known, usual, sets)).toEqual(["name", "records", "first"]);
  expect(chosenColumns("no such set", known, usual, sets)).toEqual(["name", "last"]);
});

test("the column that says what a row is about stays", () => {
  expect(chosenColumns("records", known, usual, sets)).toEqual(["name", "records"]);
});

test("the usual columns leave no trace in the link", () => {
  expect(columnsWord(["name", "last"], usual)).toBeUndefined();
  expect(columnsWord(["name", "records"], usual)).toBe("name,records");
});
