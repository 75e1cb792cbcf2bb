import { useThemeClassName } from "@fluentui/react-components";
import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import {
  BrushComponent,
  GridComponent,
  LegendComponent,
  ToolboxComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use as register } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useEffectEvent, useRef } from "react";
import { type ChartColors, chartColors } from "./chartColors";

register([
  BarChart,
  LineChart,
  SankeyChart,
  BrushComponent,
  GridComponent,
  LegendComponent,
  ToolboxComponent,
  TooltipComponent,
  CanvasRenderer,
]);

interface ChartProps {
  /** What is drawn, in one sentence for those who do not see it. */
  label: string;
  height: number;
  /** Must keep its identity while what it draws stays the same. */
  option: (colors: ChartColors) => EChartsCoreOption;
  /** Called with the first and last index of the category axis that were brushed over. */
  onBrush?: (first: number, last: number) => void;
}

interface BrushEnd {
  areas?: { coordRange?: [number, number] }[];
}

/** A chart in the theme's colours; it redraws when the theme or its size changes. */
export default function Chart({ label, height, option, onBrush }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const theme = useThemeClassName();
  const brushable = onBrush !== undefined;
  const brushed = useEffectEvent((first: number, last: number) => onBrush?.(first, last));

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the theme's CSS variables
  useEffect(() => {
    if (host.current === null) return;
    const chart = init(host.current);
    // It stands still, and says what it is by its label.
    const still = { animation: false, aria: { enabled: false } };
    chart.setOption({ ...still, ...option(chartColors(host.current)) });
    if (brushable) {
      chart.dispatchAction({
        type: "takeGlobalCursor",
        key: "brush",
        brushOption: { brushType: "lineX", brushMode: "single" },
      });
      chart.on("brushEnd", (event) => {
        const [first, last] = (event as BrushEnd).areas?.[0]?.coordRange ?? [];
        if (first !== undefined && last !== undefined) brushed(first, last);
      });
    }
    const resize = new ResizeObserver(() => {
      // It tells the size that was drawn in, too.
      const { width, height } = chart.getDom().getBoundingClientRect();
      if (Math.round(width) !== chart.getWidth() || Math.round(height) !== chart.getHeight()) {
        chart.resize();
      }
    });
    resize.observe(host.current);
    return () => {
      resize.disconnect();
      chart.dispose();
    };
  }, [option, brushable, theme]);

  return <div ref={host} role="img" aria-label={label} style={{ height }} />;
}
