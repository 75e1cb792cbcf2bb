import { Button, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import type { EventGraph, GraphNode } from "@/api/timeline";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { PickedTable } from "@/components/PickedTable";
import { Untrusted } from "@/components/Untrusted";
import { plainText } from "@/components/visibleText";
import { fitting, layoutOf, picture } from "./eventGraph";

const useStyles = makeStyles({
  picture: { display: "block", width: "100%", height: "auto" },
  box: { fill: tokens.colorNeutralBackground3, stroke: tokens.colorNeutralStroke1 },
  entity: { fill: tokens.colorBrandBackground2, stroke: tokens.colorBrandStroke2 },
  line: { stroke: tokens.colorNeutralStroke1Pressed, strokeWidth: "1.2px", fill: "none" },
  arrow: { fill: tokens.colorNeutralStroke1Pressed },
  name: { fill: tokens.colorNeutralForeground1, fontSize: "12px", textAnchor: "middle" },
  kind: { fill: tokens.colorNeutralForeground3, fontSize: "10px", textAnchor: "middle" },
  says: {
    fill: tokens.colorNeutralForeground2,
    fontSize: "10.5px",
    textAnchor: "middle",
    paintOrder: "stroke",
    stroke: tokens.colorNeutralBackground1,
    strokeWidth: "4px",
  },
  foot: { display: "flex", justifyContent: "flex-end" },
});

/** Who did what to what in an event, as a picture or as a table. */
export function EventGraphView({ graph }: { graph: EventGraph }) {
  const styles = useStyles();
  const [asTable, setAsTable] = useState(false);
  return (
    <>
      {asTable ? <Relations graph={graph} /> : <Picture graph={graph} />}
      <div className={styles.foot}>
        <Button size="small" appearance="subtle" onClick={() => setAsTable(!asTable)}>
          {asTable ? "As a picture" : "As a table"}
        </Button>
      </div>
    </>
  );
}

function Picture({ graph }: { graph: EventGraph }) {
  const styles = useStyles();
  const nodes = graph.nodes ?? [];
  const edges = graph.edges ?? [];
  const { height, nodes: places, boxes } = useMemo(() => layoutOf(graph), [graph]);
  const words = edges.map(
    ({ from, to, says }) =>
      `${plainText(nodes[from]?.name ?? "")} ${says} ${plainText(nodes[to]?.name ?? "")}`,
  );
  return (
    <svg
      className={styles.picture}
      viewBox={`0 0 ${picture.width} ${height}`}
      role="img"
      aria-label={`Who did what to what: ${words.join("; ")}. The same stands in the table.`}
    >
      <defs>
        <marker
          id="event-arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path className={styles.arrow} d="M0 0 L8 4 L0 8 Z" />
        </marker>
      </defs>
      {edges.map(({ from, to }) => {
        const [a, b] = [places[from], places[to]];
        if (!a || !b) return null;
        const half = picture.boxHeight / 2;
        return (
          <path
            key={`${from} ${to}`}
            className={styles.line}
            d={`M${a.x} ${a.y + half} L${b.x} ${b.y - half}`}
            markerEnd="url(#event-arrow)"
          />
        );
      })}
      {nodes.map((node, i) => {
        const { x, y } = places[i] ?? { x: 0, y: 0 };
        const width = boxes[i] ?? 0;
        return (
          <g key={`${node.kind} ${node.name} ${node.note ?? ""}`}>
            <title>{plainText([node.name, node.note].filter(Boolean).join("\n"))}</title>
            <rect
              className={mergeClasses(styles.box, node.id !== undefined && styles.entity)}
              x={x - width / 2}
              y={y - picture.boxHeight / 2}
              width={width}
              height={picture.boxHeight}
              rx={4}
            />
            <text className={styles.kind} x={x} y={y - 4} direction="ltr">
              {node.kind}
            </text>
            <text className={styles.name} x={x} y={y + 11} direction="ltr">
              {fitting(plainText(node.name), width)}
            </text>
          </g>
        );
      })}
      {edges.map(({ from, to, says }) => {
        const [a, b] = [places[from], places[to]];
        if (!a || !b) return null;
        return (
          <text
            key={`${from} ${to}`}
            className={styles.says}
            x={(a.x + b.x) / 2}
            y={(a.y + b.y) / 2 + 3}
            direction="ltr"
          >
            {fitting(plainText(says), 180)}
          </text>
        );
      })}
    </svg>
  );
}

interface Relation {
  from: GraphNode;
  says: string;
  to: GraphNode;
}

const columns: Column<Relation>[] = [
  { id: "from", header: "Who", cell: (r) => <Node node={r.from} /> },
  { id: "says", header: "Does", cell: (r) => <Untrusted>{r.says}</Untrusted> },
  { id: "to", header: "To what", cell: (r) => <Node node={r.to} /> },
];

function Relations({ graph }: { graph: EventGraph }) {
  const rows = useMemo<Relation[]>(
    () =>
      (graph.edges ?? []).flatMap(({ from, to, says }) => {
        const [a, b] = [graph.nodes?.[from], graph.nodes?.[to]];
        return a && b ? [{ from: a, says, to: b }] : [];
      }),
    [graph],
  );
  return (
    <PickedTable
      table="event-graph"
      label="Who did what to what"
      columns={columns}
      rows={rows}
      maxHeight={260}
    />
  );
}

function Node({ node: { kind, name, id } }: { node: GraphNode }) {
  if (id !== undefined) return <EntityChip kind={kind} id={id} />;
  return (
    <>
      {kind} <Untrusted>{name}</Untrusted>
    </>
  );
}
