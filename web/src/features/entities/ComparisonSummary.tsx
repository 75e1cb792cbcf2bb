import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Comparison, Differing } from "@/api/entities";
import { type Column, DataTable } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { OpenQuery } from "@/components/links";
import { formatCount } from "@/components/numbers";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { describePeriod } from "@/time/range";
import { StateBadge, useFlowComparison } from "./comparing";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  box: {
    marginTop: "8px",
    paddingTop: "8px",
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  columns: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(300px, 1fr))",
    gap: "12px",
    marginTop: "6px",
  },
});

/** What is new, gone and changed against the period or address compared with. */
export function ComparisonSummary({
  view,
  answer,
}: {
  view: EntityView;
  answer: UseQueryResult<Comparison>;
}) {
  const styles = useStyles();
  if (answer.isPending) return <CardSkeleton label="Comparing" height={120} />;
  if (answer.isError) return <Failure title="It could not be compared" error={answer.error} />;
  const { a, b, devices, peers } = answer.data;
  return (
    <section className={styles.box} aria-label="Comparison">
      <Text size={200}>
        Against{" "}
        <b>
          {a.id !== b.id && (
            <>
              <Untrusted>{b.id}</Untrusted>,{" "}
            </>
          )}
          {describePeriod(b)}
        </b>
        : {records(a)}, {b.id === a.id && b.to <= a.from ? "before" : "there"} {records(b)}.
        Devices: {counts(devices)}. Peers: {counts(peers)}.{" "}
        <OpenQuery query={a.query} of="this side of the comparison" />
        <OpenQuery query={b.query} of="the other side of the comparison" />
      </Text>
      <div className={styles.columns}>
        <Changes noun="Devices that differ" kind="device" items={devices.items ?? []} />
        <Changes noun="Peers that differ" kind="ip" items={peers.items ?? []} />
        {ofFlows(view) && <FlowChanges view={view} />}
      </div>
    </section>
  );
}

function records({ records, sourceKind }: Comparison["a"]): string {
  return records === 0 ? "no records" : `${formatCount(records)} ${sourceKind} records`;
}

function counts(d: Comparison["devices"]): string {
  return `${formatCount(d.new)} new, ${formatCount(d.gone)} gone, ${formatCount(d.changed)} changed, ${formatCount(d.same)} the same`;
}

/** Whether records of connections tell of the entity. */
function ofFlows({ page, entity }: EntityView): boolean {
  return entity.kind === "ip" || (page.many !== undefined && !page.many.wide);
}

function FlowChanges({ view }: { view: EntityView }) {
  const { answer } = useFlowComparison(view);
  if (answer.isPending) return <CardSkeleton label="Comparing connections" height={120} />;
  if (answer.isError) {
    return <Failure title="The connections could not be compared" error={answer.error} />;
  }
  const { ports, processes, names } = answer.data;
  return (
    <>
      <Changes noun="Ports that differ" items={ports.items ?? []} />
      <Changes noun="Processes that differ" items={processes.items ?? []} />
      <Changes noun="Names that differ" kind="domain" items={names.items ?? []} />
    </>
  );
}

function Changes({
  noun,
  kind,
  items,
}: {
  noun: string;
  kind?: string;
  items: readonly Differing[];
}) {
  const columns = useMemo<Column<Differing>[]>(
    () => [
      {
        id: "state",
        header: "State",
        cell: (d) => <StateBadge compared={d} brief />,
      },
      {
        id: "name",
        header: "Name",
        cell: (d) =>
          kind ? <EntityChip kind={kind} id={d.name} /> : <Untrusted>{d.name}</Untrusted>,
      },
      { id: "a", header: "Records", numeric: true, cell: (d) => formatCount(d.a) },
      { id: "b", header: "Compared with", numeric: true, cell: (d) => formatCount(d.b) },
    ],
    [kind],
  );
  if (items.length === 0) return <Empty>{noun}: none.</Empty>;
  return (
    <div>
      <Text size={200} weight="semibold">
        {noun}
      </Text>
      <DataTable label={noun} columns={columns} rows={items} maxHeight={180} />
    </div>
  );
}
