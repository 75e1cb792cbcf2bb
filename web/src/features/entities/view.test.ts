import { expect, test } from "vitest";
import { changed, entitySearch, periodOfSearch, showPeriod } from "./view";

const now = new Date("2024-03-01T10:20:30Z");

test("a range goes before a period, and no word before the server's default", () => {
  expect(periodOfSearch({ range: "7d", from: "x" }, now).from).toBe("2024-02-24T00:00:00Z");
  expect(periodOfSearch({ from: "a", to: "b" }, now)).toEqual({ from: "a", to: "b" });
  expect(periodOfSearch({ range: "eternity" }, now)).toEqual({ from: undefined, to: undefined });
});

test("a link keeps the words that mean something", () => {
  const words = { tab: "timeline", role: "nat", range: "36h", row: "77", other: "x", find: "" };
  const kept = Object.entries(entitySearch(words)).filter(([, v]) => v !== undefined);
  expect(Object.fromEntries(kept)).toEqual({
    tab: "timeline",
    role: "nat",
    range: "36h",
    row: "77",
  });
  expect(entitySearch({ tab: "toString", role: "any" })).toMatchObject({
    tab: undefined,
    role: undefined,
  });
});

test("another tab begins without the filters of the last one", () => {
  const search = { tab: "timeline", site: "hq", where: "x", row: "7" } as const;
  expect(changed(search, { tab: "dns" })).toMatchObject({
    tab: "dns",
    site: "hq",
    where: undefined,
    row: undefined,
  });
  expect(changed(search, { row: "8" })).toEqual({ ...search, row: "8" });
});

test("a period takes the place of a range, and nothing that of both", () => {
  const search = { range: "7d", from: "a", to: "b", site: "hq" };
  expect({ ...search, ...showPeriod({ from: "c", to: "d" }) }).toEqual({
    range: undefined,
    from: "c",
    to: "d",
    site: "hq",
  });
  expect({ ...search, ...showPeriod(null) }).toMatchObject({ range: undefined, from: undefined });
});
