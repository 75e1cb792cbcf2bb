import { expect, test } from "vitest";
import { stringLiteral } from "./literal";
import { comparisonsOf, renamed } from "./predicate";

const text = (text: string) => ({ kind: "text", text });

test("comparisons are read one by one", () => {
  expect(comparisonsOf("SourceKind in (\"sysmon.3\", 'zeek.conn') and Alert == true")).toEqual([
    { name: "SourceKind", operator: "in", values: [text("sysmon.3"), text("zeek.conn")] },
    { name: "Alert", operator: "==", values: [{ kind: "bool", bool: true }] },
  ]);
  expect(comparisonsOf("  ")).toEqual([]);
});

test("times are read as points, as spans before now, and as bounds", () => {
  expect(comparisonsOf("Time >= datetime(2024-03-06T09:00:00Z) and Time < ago(7d)")).toEqual([
    { name: "Time", operator: ">=", values: [{ kind: "time", time: "2024-03-06T09:00:00Z" }] },
    { name: "Time", operator: "<", values: [{ kind: "ago", span: "7d" }] },
  ]);
  expect(comparisonsOf("Time between (datetime(2024-03-06) .. datetime(2024-03-07))")).toEqual([
    {
      name: "Time",
      operator: "between",
      values: [
        { kind: "time", time: "2024-03-06" },
        { kind: "time", time: "2024-03-07" },
      ],
    },
  ]);
});

test("a literal means what was written into it", () => {
  for (const value of ['a"b\\c', "line\nbreak\ttab", "\u202ertl", "C:\\Users\\x", "'single'"]) {
    expect(comparisonsOf(`Device == ${stringLiteral(value)}`)[0]?.values).toEqual([text(value)]);
  }
  expect(comparisonsOf('Device == @"C:\\dir\\""x"""')[0]?.values).toEqual([text('C:\\dir\\"x"')]);
});

test.each([
  ['Device == "a" or Device == "b"', "“or” joins conditions"],
  ["not(Device == 'a')", "a condition begins with a name"],
  ["Device", "Device is not compared"],
  ['Device == "a" Device', "“and” was expected"],
  ["Device in ('a'", "not closed"],
  ["Device == strcat('a')", "“strcat” is no text or time"],
  ["Device == ", "a value is missing"],
  ["Port == 443", "“443” is no text or time"],
  ["Device == 'a' | take 5", "is not understood"],
  ["Time > ago(7d", "is not closed"],
])("%s is no list of comparisons: %s", (predicate, reason) => {
  expect(() => comparisonsOf(predicate)).toThrow(reason);
});

test("names are put in other words, literals are left alone", () => {
  expect(
    renamed("Device == \"Device\" and Site == 'Site'", { Device: "DeviceName", Site: "_Site" }),
  ).toBe("DeviceName == \"Device\" and _Site == 'Site'");
});
