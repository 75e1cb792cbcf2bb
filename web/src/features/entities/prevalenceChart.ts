import type { PrevalenceDay } from "@/api/entities";
import type { ChartColors } from "@/components/chartColors";

/** Devices as bars on the left axis, records as a line on the right one, a place a day. */
export function prevalenceOption(
  days: readonly PrevalenceDay[],
  sourceKind: string,
  colors: ChartColors,
) {
  const axis = {
    axisLabel: { color: colors.text, fontSize: 11 },
    axisLine: { lineStyle: { color: colors.grid } },
    splitLine: { lineStyle: { color: colors.grid } },
  };
  const count = {
    ...axis,
    type: "value",
    minInterval: 1,
    nameTextStyle: { color: colors.text, fontSize: 11 },
  };
  return {
    animation: false,
    aria: { enabled: false },
    grid: { left: 8, right: 8, top: 6, bottom: 4, outerBoundsMode: "same" },
    tooltip: {
      trigger: "axis",
      // Drawn on the canvas: no markup is made from values.
      renderMode: "richText",
      backgroundColor: colors.surface,
      borderColor: colors.grid,
      textStyle: { color: colors.text, fontSize: 12 },
    },
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
      { ...count, name: "devices", nameTextStyle: { ...count.nameTextStyle, align: "left" } },
      {
        ...count,
        name: "records",
        nameTextStyle: { ...count.nameTextStyle, align: "right" },
        splitLine: { show: false },
      },
    ],
    series: [
      {
        name: "Devices",
        type: "bar",
        data: days.map((d) => d.devices),
        itemStyle: { color: colors.bar, borderRadius: [2, 2, 0, 0] },
        barMaxWidth: 14,
      },
      {
        name: `Records (${sourceKind})`,
        type: "line",
        yAxisIndex: 1,
        data: days.map((d) => d.records),
        itemStyle: { color: colors.line },
        lineStyle: { color: colors.line, width: 1.5 },
        symbolSize: 4,
        showSymbol: days.length <= 40,
      },
    ],
  };
}
