import { expect, test } from "vitest";
import { insightBars } from "./insightChart";

const query = {
  id: "x",
  title: "",
  question: "",
  state: "rows" as const,
  tables: [],
  needs: "",
  query: "",
  total: 3,
  compareAs: [],
  columns: ["Port", "Peer", "Records"],
  chart: { name: "Port", value: "Records" },
};

test("rows of one name are one bar, the longest comes first", () => {
  const bars = insightBars({
    ...query,
    rows: [
      ["22", "a", "3"],
      ["443", "a", "4"],
      ["22", "b", "2"],
      ["", "b", "1"],
    ],
  });
  expect(bars).toEqual([
    { name: "22", value: 5 },
    { name: "443", value: 4 },
    { name: "none", value: 1 },
  ]);
});

test("the bars of something else stand beside, with those that only it has", () => {
  const bars = insightBars(
    { ...query, rows: [["22", "a", "3"]] },
    {
      ...query,
      rows: [
        ["22", "a", "1"],
        ["443", "a", "9"],
        ["22", "c", "1"],
      ],
    },
  );
  expect(bars).toEqual([
    { name: "443", value: 0, before: 9 },
    { name: "22", value: 3, before: 2 },
  ]);
});
