import { expect, test } from "vitest";
import { connectionSort, sortedBy } from "./connectionSort";

test("counts sort downwards and addresses upwards, and a minus turns that round", () => {
  expect(connectionSort("bytesIn")).toEqual({ column: "bytesIn", descending: true });
  expect(connectionSort("-bytesIn")).toEqual({ column: "bytesIn", descending: false });
  expect(connectionSort("port")).toEqual({ column: "port", descending: false });
  expect(connectionSort("-port")).toEqual({ column: "port", descending: true });
});

test("what is no order is the usual one", () => {
  expect(connectionSort(undefined)).toEqual({ column: "records", descending: true });
  expect(connectionSort("-nonsense")).toEqual({ column: "records", descending: true });
});

test("a word and its order are the same in both directions", () => {
  for (const word of ["records", "-records", "remote", "-remote", "beacon"] as const) {
    expect(sortedBy(connectionSort(word))).toBe(word);
  }
});
