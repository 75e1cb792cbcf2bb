import { expect, test } from "vitest";
import { huntAround } from "./huntAround";

const time = "2024-03-04T09:00:00.123Z";
const within = `between (datetime(${time}) - 5m .. datetime(${time}) + 5m)`;

test("around an event of a device one hunts in what the device reported", () => {
  const lines = huntAround({ time, device: 'a"b', computerTables: [] }, "203.0.113.50", 5).split(
    "\n",
  );
  expect(lines[0]).toMatch(/^union withsource = Table DeviceEvents, .*DeviceProcessEvents/);
  expect(lines[1]).toBe(`| where Timestamp ${within} and DeviceName =~ "a\\"b"`);
  expect(lines[2]).toMatch(/^\| project Time = Timestamp, Table, DeviceName, ActionType, /);
  expect(lines.slice(3)).toEqual(["| sort by Time asc"]);
});

test("tables of another family are asked by their own names", () => {
  const query = huntAround({ time, device: "a", computerTables: ["SecurityEvent"] }, "x", 5);
  expect(query).toContain(`| union (SecurityEvent
    | where TimeGenerated ${within} and Computer =~ "a"
    | project Time = TimeGenerated, Table = "SecurityEvent", DeviceName = Computer,`);
});

test("around one that names no device, for the entity", () => {
  expect(huntAround({ time, device: "", computerTables: [] }, "203.0.113.50", 60)).toBe(
    `search "203.0.113.50"
| extend Time = coalesce(Timestamp, TimeGenerated)
| where Time between (datetime(${time}) - 60m .. datetime(${time}) + 60m)
| sort by Time asc`,
  );
});
