import type { ChartColors } from "./chartColors";

const small = 11;

/** How an axis looks; what it counts is the chart's own. */
export function axisOf({ text, grid }: ChartColors) {
  return {
    axisLabel: { color: text, fontSize: small },
    axisLine: { lineStyle: { color: grid } },
    splitLine: { lineStyle: { color: grid } },
  };
}

/** How the name of an axis looks. */
export function axisNameOf({ text }: ChartColors, align: "left" | "right") {
  return { color: text, fontSize: small, align };
}

/** What is said of the place that is pointed at: drawn on the canvas, so that no markup is made from values. */
export function tooltipOf({ text, grid, surface }: ChartColors, trigger: "axis" | "item") {
  return {
    trigger,
    renderMode: "richText",
    backgroundColor: surface,
    borderColor: grid,
    textStyle: { color: text, fontSize: 12 },
  };
}
