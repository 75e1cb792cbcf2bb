import type { GapBin } from "@/api/flows";
import type { ChartColors } from "@/components/chartColors";
import { axisNameOf, axisOf, tooltipOf } from "@/components/chartParts";
import { formatSeconds } from "./seconds";

/** Gaps by their length, a bar a bin. */
export function gapOption(bins: readonly GapBin[], colors: ChartColors) {
  const axis = axisOf(colors);
  return {
    grid: { left: 8, right: 8, top: 18, bottom: 4, outerBoundsMode: "same" },
    tooltip: tooltipOf(colors, "axis"),
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
      nameTextStyle: axisNameOf(colors, "left"),
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
