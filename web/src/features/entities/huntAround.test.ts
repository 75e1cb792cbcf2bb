import { expect, test } from "vitest";
import { huntAround } from "./huntAround";

const time = "2024-03-04T09:00:00.123Z";

test("around an event of a device one hunts on the device", () => {
  expect(huntAround({ time, device: 'a"b' }, "203.0.113.50", 5)).toBe(
    `union withsource = Table *
| extend Time = coalesce(Timestamp, TimeGenerated)
| where Time between (datetime(${time}) - 5m .. datetime(${time}) + 5m)
| where DeviceName =~ "a\\"b" or Computer =~ "a\\"b"
| sort by Time asc`,
  );
});

test("around one that names no device, for the entity", () => {
  expect(huntAround({ time, device: "" }, "203.0.113.50", 60)).toBe(
    `search "203.0.113.50"
| extend Time = coalesce(Timestamp, TimeGenerated)
| where Time between (datetime(${time}) - 60m .. datetime(${time}) + 60m)
| sort by Time asc`,
  );
});
