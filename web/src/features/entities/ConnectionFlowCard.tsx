import { Button, Dropdown, makeStyles, Option, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useCallback, useState } from "react";
import {
  type ConnectionFlow,
  connectionFlowQuery,
  type FlowLink,
  type FlowNode,
} from "@/api/flows";
import { Card } from "@/components/Card";
import type { ChartColors } from "@/components/chartColors";
import type { Column } from "@/components/DataTable";
import { Chart } from "@/components/drawings";
import { counted, formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { compareAs, Gone, useCompared, useComparedColumn } from "./comparing";
import { flowOption, nodeName } from "./flowChart";
import { NothingHere } from "./NothingHere";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  foot: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "10px",
    marginTop: "6px",
    color: tokens.colorNeutralForeground2,
  },
  push: { marginLeft: "auto" },
});

const linksCompared = { part: "flows", list: "links" } as const;

/** Connections from device to process to remote port, as a picture or as a table. */
export function ConnectionFlowCard({ view }: { view: EntityView }) {
  const styles = useStyles();
  const [kind, setKind] = useState<string>();
  const answer = useQuery(connectionFlowQuery(view.scope, kind));
  if (answer.isPending) return <CardSkeleton label="Drawing the connections" height={320} holds />;
  if (answer.isError) {
    return (
      <Failure
        title="The flow of connections could not be read"
        error={answer.error}
        again={answer.refetch}
      />
    );
  }
  const flow = answer.data;
  const asTable = view.search.show === "table";
  const kinds = flow.kinds ?? [];
  return (
    <Card
      title="From device to process to port"
      note={flow.records > 0 && counted(flow.records, `${flow.sourceKind} record`)}
      query={flow.query}
    >
      {flow.records === 0 ? (
        <NothingHere view={view} of="connections">
          No record of a connection names it in this period.
        </NothingHere>
      ) : asTable ? (
        <FlowTable view={view} flow={flow} />
      ) : (
        <FlowChart view={view} flow={flow} />
      )}
      <Gone view={view} which={linksCompared} noun="links" />
      <div className={styles.foot}>
        {kinds.length > 1 && (
          <Dropdown
            size="small"
            aria-label="Records of"
            value={`Records of ${flow.sourceKind}`}
            selectedOptions={[flow.sourceKind]}
            onOptionSelect={(_, { optionValue }) => setKind(optionValue)}
          >
            {kinds.map((k) => (
              <Option key={k.sourceKind} value={k.sourceKind} text={k.sourceKind}>
                {`${k.sourceKind} (${formatCount(k.records)})`}
              </Option>
            ))}
          </Dropdown>
        )}
        {flow.records > 0 && !flow.namesProcess && (
          <span>{flow.sourceKind} sees the network: it names no process.</span>
        )}
        <span className={styles.push} />
        {flow.records > 0 && (
          <Button
            size="small"
            appearance="subtle"
            onClick={() => view.update({ show: asTable ? undefined : "table" })}
          >
            {asTable ? "As a picture" : "As a table"}
          </Button>
        )}
      </div>
    </Card>
  );
}

interface FlowProps {
  view: EntityView;
  flow: ConnectionFlow;
}

function FlowChart({ view, flow }: FlowProps) {
  const compared = useCompared(view, linksCompared);
  const option = useCallback(
    (colors: ChartColors) => flowOption(flow, compared, colors),
    [flow, compared],
  );
  const columns = ["device", "process", "remote"] as const;
  const rows = Math.max(
    ...columns.map((c) => (flow.nodes ?? []).filter((n) => n.column === c).length),
  );
  const height = Math.max(120, 40 + rows * 24);
  return (
    <Suspense fallback={<CardSkeleton label="Drawing" height={height} />}>
      <Chart
        label={`Connections from device to process to remote port: ${formatCount(flow.records)} ${flow.sourceKind} records. The same stands in the table.`}
        height={height}
        option={option}
      />
    </Suspense>
  );
}

interface LinkRow {
  link: FlowLink;
  source: FlowNode;
  target: FlowNode;
}

const columns: Column<LinkRow>[] = [
  { id: "from", header: "From", cell: (r) => <Untrusted>{nodeName(r.source)}</Untrusted> },
  { id: "to", header: "To", cell: (r) => <Untrusted>{nodeName(r.target)}</Untrusted> },
  { id: "records", header: "Records", numeric: true, cell: (r) => formatCount(r.link.records) },
];

const nameOf = (r: LinkRow) => compareAs(r.link);

function FlowTable({ view, flow }: FlowProps) {
  const compared = useComparedColumn(view, linksCompared, nameOf);
  const nodes = new Map((flow.nodes ?? []).map((n) => [n.id, n]));
  const rows = (flow.links ?? []).flatMap((link) => {
    const [source, target] = [nodes.get(link.source), nodes.get(link.target)];
    return source && target ? [{ link, source, target }] : [];
  });
  return (
    <PickedTable
      table="flow"
      label="Flow of connections"
      columns={columns}
      before={compared}
      rows={rows}
      maxHeight={360}
    />
  );
}
