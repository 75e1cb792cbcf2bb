import type { ConnectionFlow, FlowLink, FlowNode } from "@/api/flows";
import type { ChartColors } from "@/components/chartColors";
import { tooltipOf } from "@/components/chartParts";
import { counted, formatCount } from "@/components/numbers";
import { plainText } from "@/components/visibleText";
import type { Compared } from "./differences";

const restOf = { device: "devices", process: "processes", remote: "remote ports" } as const;

/** What a node is called: its own name, or how many it stands for. */
export function nodeName({ column, name, others }: FlowNode): string {
  if (others) return `${formatCount(others)} other ${restOf[column]}`;
  return name || "no process named";
}

/**
 * Three columns of nodes with bands between them as wide as their records are many. Those
 * that are new against what the page is compared with stand out.
 */
export function flowOption(
  flow: ConnectionFlow,
  compared: ((name: string) => Compared | undefined) | undefined,
  colors: ChartColors,
) {
  const nodes = new Map((flow.nodes ?? []).map((n) => [n.id, n]));
  const label = (id: string) => {
    const node = nodes.get(id);
    return node ? plainText(nodeName(node)) : "";
  };
  const stateOf = ({ compareAs: name }: FlowLink) =>
    name === undefined ? undefined : compared?.(name)?.state;
  const depth = { device: 0, process: 1, remote: 2 } as const;
  return {
    tooltip: {
      ...tooltipOf(colors, "item"),
      formatter: ({ name, data, value }: TooltipItem) =>
        data.source !== undefined && data.target !== undefined
          ? [
              `${label(data.source)} → ${label(data.target)}: ${counted(value, "record")}`,
              data.state,
            ]
              .filter(Boolean)
              .join(", ")
          : `${label(name)}: ${counted(value, "record")}`,
    },
    series: [
      {
        type: "sankey",
        left: 4,
        right: 190,
        top: 6,
        bottom: 6,
        nodeWidth: 12,
        nodeGap: 14, // as high as a label, so that those of small nodes stand apart
        draggable: false,
        emphasis: { focus: "adjacency" },
        itemStyle: { color: colors.bar, borderWidth: 0 },
        lineStyle: { color: colors.bar, opacity: 0.22, curveness: 0.5 },
        label: {
          color: colors.text,
          fontSize: 11,
          width: 180,
          overflow: "truncate",
          formatter: ({ name }: { name: string }) => label(name),
        },
        data: (flow.nodes ?? []).map((n) => ({
          name: n.id,
          value: n.records,
          depth: depth[n.column],
        })),
        links: (flow.links ?? []).map((l) => {
          const state = stateOf(l);
          return {
            source: l.source,
            target: l.target,
            value: l.records,
            state,
            ...(state === "new" && { lineStyle: { color: colors.alert, opacity: 0.4 } }),
          };
        }),
      },
    ],
  };
}

interface TooltipItem {
  name: string;
  value: number;
  data: { source?: string; target?: string; state?: string };
}
