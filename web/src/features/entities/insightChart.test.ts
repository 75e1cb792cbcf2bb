import { expect, test } from "vitest";
import { insightBars } from "./insightChart";

test("rows of one name are one bar, the longest comes first", () => {
  const bars = insightBars({
    id: "x",
    title: "",
    question: "",
    state: "rows",
    tables: [],
    needs: "",
    query: "",
    total: 3,
    columns: ["Port", "Peer", "Records"],
    rows: [
      ["22", "a", "3"],
      ["443", "a", "4"],
      ["22", "b", "2"],
      ["", "b", "1"],
    ],
    chart: { name: "Port", value: "Records" },
  });
  expect(bars).toEqual([
    { name: "22", value: 5 },
    { name: "443", value: 4 },
    { name: "none", value: 1 },
  ]);
});
