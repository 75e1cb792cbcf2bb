import { expect, test } from "vitest";
import { extent, kindQuery } from "./coverage";

const conn = {
  sourceKind: "zeek.conn",
  site: "hq",
  table: "DeviceNetworkEvents",
  records: 3,
  first: "2024-03-04T09:00:00Z",
  last: "2024-03-07T08:45:00Z",
};

test("a kind is counted by its query", () => {
  expect(kindQuery(conn)).toBe(
    'DeviceNetworkEvents\n| where _SourceKind == "zeek.conn" and _Site == "hq"\n| summarize Records = count(), First = min(TimeGenerated), Last = max(TimeGenerated)',
  );
});

test("the extent of all kinds", () => {
  const other = { ...conn, first: "2023-01-01T00:00:00Z", last: "2023-01-02T00:00:00Z" };
  expect(extent([conn, other])).toEqual({ first: other.first, last: conn.last });
});
