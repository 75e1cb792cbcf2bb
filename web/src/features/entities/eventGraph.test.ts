import { expect, test } from "vitest";
import type { EventGraph } from "@/api/timeline";
import { fitting, layoutOf, picture } from "./eventGraph";

const node = (name: string) => ({ kind: "process" as const, name });
const edge = (from: number, to: number) => ({ from, to, says: "" });

test("what is done to stands below what does it, side by side with its like", () => {
  const graph: EventGraph = {
    nodes: [node("device"), node("process"), node("user"), node("address"), node("name")],
    edges: [edge(0, 1), edge(2, 1), edge(1, 3), edge(4, 3)],
  };
  const { nodes, boxes, height } = layoutOf(graph);
  expect(nodes.map(({ y }) => Math.floor(y / picture.row))).toEqual([0, 1, 0, 2, 1]);
  expect(height).toBe(3 * picture.row);
  expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(5);
  for (const [i, { x }] of nodes.entries()) {
    expect(x - (boxes[i] ?? 0) / 2).toBeGreaterThanOrEqual(0);
    expect(x + (boxes[i] ?? 0) / 2).toBeLessThanOrEqual(picture.width);
  }
});

test("a circle, and nothing at all, have a picture", () => {
  const circle = { nodes: [node("a"), node("b")], edges: [edge(0, 1), edge(1, 0)] };
  expect(layoutOf(circle).nodes).toHaveLength(2);
  expect(layoutOf({ nodes: [], edges: [] })).toEqual({ height: 0, nodes: [], boxes: [] });
});

test("a long text is cut to its box", () => {
  expect(fitting("short", 200)).toBe("short");
  expect(fitting("x".repeat(100), 78)).toBe(`${"x".repeat(9)}…`);
});
