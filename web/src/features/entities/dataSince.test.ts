import { expect, test } from "vitest";
import { dataSince } from "./dataSince";

const source = (sourceKind: string, table: string, first: string, last: string) => ({
  sourceKind,
  table,
  records: 1,
  first,
  last,
});

test("a part without a record says where it looked, and since when there is data", () => {
  const coverage = [
    source("zeek.ssl", "DeviceNetworkEvents", "2024-02-01T00:00:00Z", "2024-03-01T10:00:00Z"),
    source("zeek.x509", "SpoorRaw", "2023-05-01T06:30:00Z", "2023-06-01T00:00:00Z"),
    source("sysmon.1", "DeviceProcessEvents", "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
  ];
  expect(dataSince(coverage, (c) => c.sourceKind.startsWith("zeek."))).toBe(
    "Searched: zeek.ssl, zeek.x509, with records from 2023-05-01 06:30 to 2024-03-01 10:00.",
  );
  expect(dataSince(coverage, (c) => c.table === "Syslog")).toBe("");
  expect(dataSince(null, () => true)).toBe("");
});
