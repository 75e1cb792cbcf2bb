import { expect, test } from "vitest";
import { huntQuery } from "./hunt";

test("a hunt begins with where the entity stands", () => {
  expect(huntQuery("ip", "203.0.113.9", "2024-02-01T00:00:00Z", "2024-03-02T00:00:00Z")).toBe(
    `SpoorSightings
| where Kind == "ip" and Entity == "203.0.113.9"
| where LastSeen >= datetime(2024-02-01T00:00:00Z) and FirstSeen < datetime(2024-03-02T00:00:00Z)
| summarize Records = sum(Records), FirstSeen = min(FirstSeen), LastSeen = max(LastSeen)
    by TableName, SourceKind, DeviceName, Outcome
| sort by Records desc`,
  );
});
