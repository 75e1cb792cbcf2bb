import { expect, test } from "vitest";
import { flowOption } from "./flowChart";

const colors = {
  bar: "blue",
  line: "violet",
  text: "grey",
  grid: "silver",
  surface: "white",
  brush: "navy",
  alert: "red",
  outcomes: {},
};

test("a link that is new stands out, by what the server calls it", () => {
  const flow = {
    range: { from: "", to: "", default: true, shifted: false },
    sourceKind: "sysmon.3",
    kinds: [],
    namesProcess: true,
    records: 6,
    query: "",
    nodes: [
      { id: "device:0", column: "device" as const, name: "ada-ws", records: 6 },
      { id: "process:0", column: "process" as const, name: "curl.exe", records: 3 },
      { id: "process:1", column: "process" as const, name: "", records: 2 },
      { id: "process:rest", column: "process" as const, name: "", others: 4, records: 1 },
    ],
    links: [
      { source: "device:0", target: "process:0", records: 3, compareAs: "ada-ws → curl.exe" },
      { source: "device:0", target: "process:1", records: 2, compareAs: "ada-ws →" },
      { source: "device:0", target: "process:rest", records: 1 },
    ],
  };
  const states = { "ada-ws → curl.exe": "new", "ada-ws →": "changed" } as const;
  const compared = (name: string) => ({ state: states[name as keyof typeof states], b: 0 });
  const drawn = (option: ReturnType<typeof flowOption>) =>
    option.series[0]?.links.map((l) => [l.state, l.lineStyle?.color]);
  expect(drawn(flowOption(flow, compared, colors))).toEqual([
    ["new", "red"],
    ["changed", undefined],
    [undefined, undefined],
  ]);
  expect(drawn(flowOption(flow, undefined, colors))).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    [undefined, undefined],
  ]);
});
