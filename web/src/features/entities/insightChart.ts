import type { InsightItem } from "@/api/insights";
import type { ChartColors } from "@/components/chartColors";
import { axisOf, tooltipOf } from "@/components/chartParts";
import { plainText } from "@/components/visibleText";

export interface Bar {
  name: string;
  value: number;
  /** Of what the page is compared with; absent while it is not. */
  before?: number;
}

const most = 10;

/**
 * The longest bars of an insight's chart, beside those of the same insight about something
 * else. A name that only the other has is one, too.
 */
export function insightBars(item: InsightItem, other?: InsightItem): Bar[] {
  const sums = sumsOf(item);
  const before = other && sumsOf(other);
  return [...new Set([...sums.keys(), ...(before?.keys() ?? [])])]
    .map((name) => ({
      name,
      value: sums.get(name) ?? 0,
      ...(before && { before: before.get(name) ?? 0 }),
    }))
    .sort(
      (a, b) =>
        Math.max(b.value, b.before ?? 0) - Math.max(a.value, a.before ?? 0) ||
        a.name.localeCompare(b.name),
    )
    .slice(0, most);
}

/** The values of the rows of one name added up. */
function sumsOf({ chart, columns, rows }: InsightItem): Map<string, number> {
  const name = (columns ?? []).indexOf(chart?.name ?? "");
  const value = (columns ?? []).indexOf(chart?.value ?? "");
  const sums = new Map<string, number>();
  for (const row of rows ?? []) {
    const key = row?.[name] || "none";
    sums.set(key, (sums.get(key) ?? 0) + Number(row?.[value] ?? 0));
  }
  return sums;
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
        name: "this page",
      },
      ...(bars.some((b) => b.before !== undefined)
        ? [
            {
              type: "bar",
              name: "compared with",
              data: bars.map((b) => b.before ?? 0),
              itemStyle: { color: colors.grid, borderRadius: [0, 2, 2, 0] },
              barMaxWidth: 14,
            },
          ]
        : []),
    ],
  };
}
