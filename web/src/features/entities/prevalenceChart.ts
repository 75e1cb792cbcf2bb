import type { PrevalenceDay } from "@/api/entities";
import type { ChartColors } from "@/components/chartColors";
import { axisNameOf, axisOf, tooltipOf } from "@/components/chartParts";

/** The outcomes in the order in which they are stacked: what got through at the bottom. */
const order = [
  "established",
  "permitted",
  "none",
  "icmp",
  "unknown",
  "unanswered",
  "refused",
  "blocked",
];

/** The outcomes that occur on any of the days. */
export function outcomesOf(days: readonly PrevalenceDay[]): string[] {
  return order.filter((outcome) => days.some((d) => (d.outcomes[outcome] ?? 0) > 0));
}

/**
 * Records as bars, stacked by outcome, on the left axis and devices as a line on the right
 * one, a place a day; days with alerts have a mark at the top; before are the records of another period, as a dashed line.
 */
export function prevalenceOption(
  days: readonly PrevalenceDay[],
  before: readonly PrevalenceDay[],
  colors: ChartColors,
) {
  const axis = axisOf(colors);
  const count = {
    ...axis,
    type: "value",
    minInterval: 1,
  };
  return {
    legend: {
      top: 0,
      right: 60,
      itemWidth: 10,
      itemHeight: 8,
      textStyle: { color: colors.text, fontSize: 11 },
    },
    grid: { left: 8, right: 8, top: 22, bottom: 4, outerBoundsMode: "same" },
    tooltip: tooltipOf(colors, "axis"),
    toolbox: { show: false },
    brush: {
      xAxisIndex: 0,
      brushStyle: { borderWidth: 1, borderColor: colors.brush, color: colors.brush, opacity: 0.2 },
    },
    xAxis: {
      ...axis,
      type: "category",
      data: days.map((d) => d.day.slice(5)),
      axisTick: { show: false },
    },
    yAxis: [
      { ...count, name: "records", nameTextStyle: axisNameOf(colors, "left") },
      {
        ...count,
        name: "devices",
        nameTextStyle: axisNameOf(colors, "right"),
        splitLine: { show: false },
      },
      { type: "value", min: 0, max: 1, show: false },
    ],
    series: [
      ...outcomesOf(days).map((outcome) => ({
        name: outcome === "none" ? "no connection" : outcome,
        type: "bar",
        stack: "records",
        data: days.map((d) => d.outcomes[outcome] ?? 0),
        itemStyle: { color: colors.outcomes[outcome] ?? colors.bar },
        barMaxWidth: 14,
      })),
      {
        name: "devices",
        type: "line",
        yAxisIndex: 1,
        data: days.map((d) => d.devices),
        itemStyle: { color: colors.line },
        lineStyle: { color: colors.line, width: 1.5 },
        symbolSize: 4,
        showSymbol: days.length <= 40,
      },
      ...(days.every((d) => d.alerts === 0)
        ? []
        : [
            {
              name: "alerts",
              type: "line",
              yAxisIndex: 2,
              data: days.map((d) => (d.alerts === 0 ? null : 0.97)),
              itemStyle: { color: colors.alert },
              lineStyle: { width: 0 },
              symbol: "diamond",
              symbolSize: 10,
              showAllSymbol: true,
              tooltip: { valueFormatter: (_: unknown, i: number) => String(days[i]?.alerts ?? 0) },
            },
          ]),
      ...(before.length === 0
        ? []
        : [
            {
              name: "records compared with",
              type: "line",
              data: days.map((_, i) => before[i]?.records ?? 0),
              itemStyle: { color: colors.text },
              lineStyle: { color: colors.text, width: 1, type: "dashed" },
              showSymbol: false,
            },
          ]),
    ],
  };
}
