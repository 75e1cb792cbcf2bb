import type { InsightItem } from "@/api/insights";
import type { ChartColors } from "@/components/chartColors";
import { axisOf, tooltipOf } from "@/components/chartParts";
import { plainText } from "@/components/visibleText";

export interface Bar {
  name: string;
  value: number;
}

const most = 10;

/** The longest bars of an insight's chart: the rows of one name added up. */
export function insightBars({ chart, columns, rows }: InsightItem): Bar[] {
  const name = (columns ?? []).indexOf(chart?.name ?? "");
  const value = (columns ?? []).indexOf(chart?.value ?? "");
  const sums = new Map<string, number>();
  for (const row of rows ?? []) {
    const key = row?.[name] || "none";
    sums.set(key, (sums.get(key) ?? 0) + Number(row?.[value] ?? 0));
  }
  return [...sums]
    .map(([key, sum]) => ({ name: key, value: sum }))
    .sort((a, b) => b.value - a.value || a.name.localeCompare(b.name))
    .slice(0, most);
}

/** Bars from left to right, the longest on top. */
export function insightOption(bars: readonly Bar[], colors: ChartColors) {
  const axis = axisOf(colors);
  return {
    grid: { left: 8, right: 24, top: 4, bottom: 4, outerBoundsMode: "same" },
    tooltip: tooltipOf(colors, "axis"),
    xAxis: { ...axis, type: "value", minInterval: 1 },
    yAxis: {
      ...axis,
      type: "category",
      inverse: true,
      data: bars.map((b) => plainText(b.name)),
      axisTick: { show: false },
      axisLabel: { ...axis.axisLabel, width: 180, overflow: "truncate" },
      splitLine: { show: false },
    },
    series: [
      {
        type: "bar",
        data: bars.map((b) => b.value),
        itemStyle: { color: colors.bar, borderRadius: [0, 2, 2, 0] },
        barMaxWidth: 14,
      },
    ],
  };
}
