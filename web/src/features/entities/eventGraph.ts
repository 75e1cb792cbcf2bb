import type { EventGraph } from "@/api/timeline";

/** Where a node is drawn: the middle of its box, in the units of the picture. */
interface Placed {
  x: number;
  y: number;
}

/** The size of a picture and of the boxes in it. */
export const picture = { width: 560, row: 76, boxHeight: 36, gap: 14, maxBox: 250 } as const;

/** A picture of a graph: what begins something stands above what it does something to. */
export interface Layout {
  height: number;
  /** By the index of the node. */
  nodes: Placed[];
  /** How wide a box is, by the index of its node. */
  boxes: number[];
}

/** Places the nodes in rows, each below all that leads to it. */
export function layoutOf({ nodes, edges }: EventGraph): Layout {
  const rows = rowsOf((nodes ?? []).length, edges ?? []);
  const layout: Layout = { height: rows.length * picture.row, nodes: [], boxes: [] };
  for (const [r, row] of rows.entries()) {
    const share = picture.width / row.length;
    for (const [i, node] of row.entries()) {
      layout.nodes[node] = { x: (i + 0.5) * share, y: (r + 0.5) * picture.row };
      layout.boxes[node] = Math.min(picture.maxBox, share - picture.gap);
    }
  }
  return layout;
}

function rowsOf(count: number, edges: readonly { from: number; to: number }[]): number[][] {
  const depth = Array<number>(count).fill(0);
  // A circle would push its nodes down for ever: as many rounds as nodes are enough.
  for (let round = 0; round < count; round++) {
    for (const { from, to } of edges) {
      const below = Math.min((depth[from] ?? 0) + 1, count - 1);
      if ((depth[to] ?? 0) < below) depth[to] = below;
    }
  }
  // What nothing leads to stands right above what it leads to, so that no line crosses a box.
  for (const node of depth.keys()) {
    const targets = edges.filter((e) => e.from === node).map((e) => depth[e.to] ?? 0);
    if (targets.length > 0 && !edges.some((e) => e.to === node)) {
      depth[node] = Math.max(0, Math.min(...targets) - 1);
    }
  }
  const used = [...new Set(depth)].sort((a, b) => a - b);
  return used.map((d) => [...depth.keys()].filter((node) => depth[node] === d));
}

/** A text that fits a box of a width, by the rough width of a letter. */
export function fitting(text: string, width: number): string {
  const letters = Math.max(4, Math.floor((width - 12) / 6.6));
  const chars = Array.from(text);
  return chars.length <= letters ? text : `${chars.slice(0, letters - 1).join("")}…`;
}
