import { expect, test } from "vitest";
import type { TriageRow } from "@/api/triage";
import { toCSV } from "@/components/download";
import { exportColumns, exportRow, noiseText, sortRows } from "./rows";

function row(value: string, more: Partial<TriageRow> = {}): TriageRow {
  return {
    text: value,
    form: "ip",
    kind: "ip",
    value,
    defanged: value,
    seen: false,
    first: null,
    last: null,
    records: 0,
    devices: 0,
    contacted: false,
    alerts: 0,
    mentioned: 0,
    own: false,
    noise: [],
    ...more,
  };
}

test("rows are sorted both ways, those without a value last", () => {
  const rows = [row("a"), row("b", { devices: 2 }), row("c", { devices: 5 })];
  const order = (descending: boolean) =>
    sortRows(rows, { column: "devices", descending }).map((r) => r.value);
  expect(order(true)).toEqual(["c", "b", "a"]);
  expect(order(false)).toEqual(["b", "c", "a"]);
  expect(sortRows(rows, undefined).map((r) => r.value)).toEqual(["a", "b", "c"]);
});

test("an export has a value for each column and runs no formula", () => {
  const noise = [
    { list: "shodan", name: "", class: "scanner", weak: false, entry: "", dated: "" },
    { list: "vpn-ipv4", name: "", class: "vpn", weak: true, entry: "", dated: "" },
  ];
  const values = exportRow(row("=1+1", { noise }));
  expect(values).toHaveLength(exportColumns.length);
  expect(noiseText(row("x", { noise }))).toBe("scanner (shodan), vpn (vpn-ipv4, weak)");
  expect(toCSV(exportColumns, [values])).toContain("\r\n'=1+1,");
});

test("what was not counted is no 0", () => {
  const names = exportColumns.map(({ name }) => name);
  const prefix = exportRow(row("192.0.2.0/24", { kind: undefined, form: "cidr", seen: true }));
  expect(prefix[names.indexOf("devices")]).toBeNull();
  expect(prefix[names.indexOf("records")]).toBeNull();
  expect(exportRow(row("192.0.2.1"))[names.indexOf("devices")]).toBe(0);
});
