import { expect, test } from "vitest";
import { huntQuery, rowsOfSource, searchEverywhere } from "./hunt";

const period = { from: "2024-02-01T00:00:00Z", to: "2024-03-02T00:00:00Z" };

test("a hunt begins with where the entity stands", () => {
  expect(huntQuery("ip", "203.0.113.9", period)).toBe(
    `SpoorSightings
| where Kind == "ip" and Entity == "203.0.113.9"
| where LastSeen >= datetime(2024-02-01T00:00:00Z) and FirstSeen < datetime(2024-03-02T00:00:00Z)
| summarize Records = sum(Records), FirstSeen = min(FirstSeen), LastSeen = max(LastSeen)
    by TableName, SourceKind, DeviceName, Outcome
| sort by Records desc`,
  );
});

test("a hunt without a period is one of all time", () => {
  expect(huntQuery("device", 'a"b')).toBe(
    `SpoorSightings
| where Kind == "device" and Entity == "a\\"b"
| summarize Records = sum(Records), FirstSeen = min(FirstSeen), LastSeen = max(LastSeen)
    by TableName, SourceKind, DeviceName, Outcome
| sort by Records desc`,
  );
});

test("a hunt for a prefix begins with its addresses", () => {
  expect(huntQuery("cidr", "2001:db8::/32")).toContain(
    '| where Kind == "ip" and ipv6_is_in_range(Entity, "2001:db8::/32")',
  );
});

test("what is searched for is a literal", () => {
  expect(searchEverywhere('x" | take 1')).toBe('search "x\\" | take 1"');
});

test("the rows of a source are those of its name at its site", () => {
  expect(rowsOfSource("SpoorRaw", { name: 'a"b/weird.log', site: "north" })).toBe(
    `SpoorRaw
| where _SourceName == "a\\"b/weird.log" and _Site == "north"`,
  );
});
