import { expect, test } from "vitest";
import { lastFirst } from "./lastFirst";

const source = (name: string, site: string, lastIngested: string) => ({ name, site, lastIngested });
const sources = [
  source("b/conn.log", "north", "2024-03-04T09:00:00Z"),
  source("a/conn.log", "north", "2024-03-04T09:00:00Z"),
  source("Sysmon.jsonl", "south", "2024-03-05T09:00:00Z"),
];

test("what was taken in last stands first, and at one time the names are in order", () => {
  expect(lastFirst(sources, "").map(({ name }) => name)).toEqual([
    "Sysmon.jsonl",
    "a/conn.log",
    "b/conn.log",
  ]);
});

test("a text is looked for in name and site, in any case", () => {
  expect(lastFirst(sources, "sysmon").length).toBe(1);
  expect(lastFirst(sources, " NORTH ").length).toBe(2);
  expect(lastFirst(sources, "east").length).toBe(0);
});
