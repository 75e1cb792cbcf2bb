import { expect, test } from "vitest";
import { placeOn, scaleOf } from "./timelineScale";

const buckets = ["2024-04-20", "2024-04-21", "2024-04-23", "2026-11-28"].map((day) => ({
  start: `${day}T00:00:00Z`,
  records: 1,
  contact: 0,
  stopped: 0,
  alerts: 0,
}));
const day = 86400;

test("days stand in their order; a long time without records is cut", () => {
  expect(scaleOf(buckets, day)).toEqual({ offsets: [0, 1, 3, 7], cuts: [3], length: 8 });
  expect(scaleOf([], day)).toEqual({ offsets: [], cuts: [], length: 1 });
});

test("a time has its place within its bar, or at the end of the last one before it", () => {
  const at = (time: string) => placeOn(scaleOf(buckets, day), buckets, day, Date.parse(time));
  expect(at("2024-04-21T12:00:00Z")).toBe(1.5);
  expect(at("2024-04-22T12:00:00Z")).toBe(2);
  expect(at("2024-04-01T00:00:00Z")).toBe(0);
  expect(at("2026-11-28T18:00:00Z")).toBe(7.75);
});
