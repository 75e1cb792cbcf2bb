import type { GapBin } from "@/api/flows";
import type { ChartColors } from "@/components/chartColors";
import { formatSeconds } from "./seconds";

/** Gaps by their length, a bar a bin. */
export function gapOption(bins: readonly GapBin[], colors: ChartColors) {
  const axis = {
    axisLabel: { color: colors.text, fontSize: 11 },
    axisLine: { lineStyle: { color: colors.grid } },
    splitLine: { lineStyle: { color: colors.grid } },
  };
  return {
    animation: false,
    aria: { enabled: false },
    grid: { left: 8, right: 8, top: 18, bottom: 4, outerBoundsMode: "same" },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: colors.surface,
      borderColor: colors.grid,
      textStyle: { color: colors.text, fontSize: 12 },
    },
    xAxis: {
      ...axis,
      type: "category",
      data: bins.map((b) => formatSeconds(b.from)),
      axisTick: { show: false },
    },
    yAxis: {
      ...axis,
      type: "value",
      minInterval: 1,
      name: "gaps",
      nameTextStyle: { color: colors.text, fontSize: 11, align: "left" },
    },
    series: [
      {
        name: "Gaps",
        type: "bar",
        data: bins.map((b) => b.gaps),
        itemStyle: { color: colors.bar, borderRadius: [2, 2, 0, 0] },
        barCategoryGap: "12%",
      },
    ],
  };
}
