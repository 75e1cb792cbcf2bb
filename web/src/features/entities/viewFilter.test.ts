import { expect, test } from "vitest";
import type { EntitySearch, Tab } from "./view";
import { queryOf, viewOf, viewPredicate } from "./viewFilter";

const period = { from: "2024-02-07T00:00:00Z", to: "2024-03-08T00:00:00Z" };
const now = new Date("2024-03-08T12:00:00Z");
const time = "Time >= datetime(2024-02-07T00:00:00Z) and Time < datetime(2024-03-08T00:00:00Z)";
const read = (text: string, tab: Tab = "timeline") => viewOf(text, tab, period, now);
const none = { site: undefined, role: undefined, find: undefined, where: undefined };

test("what narrows a view is one predicate, and is read back as it was", () => {
  const views: [Tab, EntitySearch][] = [
    ["overview", {}],
    ["overview", { site: 'a "site"', role: "source" }],
    ["observed", { find: "10.20\\x" }],
    ["timeline", { where: 'SourceKind in ("sysmon.3", "zeek.conn") and Alert == true', find: "x" }],
    ["alerts", { where: 'Severity == "High"' }],
    ["connections", { where: 'Outcome == "refused" and Direction == "in"' }],
  ];
  for (const [tab, search] of views) {
    const text = viewPredicate(search, period);
    expect(text.startsWith(time)).toBe(true);
    expect(read(text, tab)).toEqual({ ...none, ...search });
  }
});

test("another period, and none for the default", () => {
  const of = (text: string) => {
    const { range, from, to } = read(text);
    return { range, from, to };
  };
  const march = { from: "2024-03-06T00:00:00Z", to: "2024-03-07T00:00:00Z", range: undefined };
  expect(of("Time >= datetime(2024-03-06) and Time < datetime(2024-03-07T00:00:00)")).toEqual(
    march,
  );
  expect(of("Time between (datetime(2024-03-06) .. datetime(2024-03-07))")).toEqual(march);
  expect(of("Time > ago(36h)")).toEqual({ range: "36h", from: undefined, to: undefined });
  expect(of("")).toEqual({ range: undefined, from: undefined, to: undefined });
});

test.each<[string, Tab, string]>([
  ["RemotePort == 'x'", "timeline", "RemotePort is no filter of this list, which has Time"],
  ['Severity == "High"', "timeline", "Severity is no filter"],
  ['Text contains "a"', "dns", "Text is no filter"],
  ['Text has "a"', "timeline", "searched by contains"],
  ['Severity in ("High", "Low")', "alerts", "Severity can only be == one text"],
  ['SourceKind != "a"', "timeline", "SourceKind can only be =="],
  ['EntityRole == "boss"', "overview", "EntityRole is one of any, source"],
  ["Alert == false", "timeline", "Alert can only be == true"],
  ["Time > datetime(2024-01-01)", "overview", "Time needs both its bounds"],
  ["Time < datetime(2024-01-01) and Time > datetime(2024-02-01)", "overview", "ends before"],
  ["Time > ago(7y)", "overview", "no number of minutes"],
  ['Site == "a" and Site == "b"', "overview", "Site stands in it twice"],
])("%s cannot be shown on %s: %s", (text, tab, reason) => {
  expect(() => read(text, tab)).toThrow(reason);
});

test("a query takes the names of the tables", () => {
  expect(queryOf('search "x"', 'Device == "Site" or _Outcome == "a" and SourceKind == "b"')).toBe(
    'search "x"\n| where DeviceName == "Site" or _Outcome == "a" and _SourceKind == "b"',
  );
});
