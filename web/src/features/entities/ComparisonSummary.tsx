import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Comparison, Difference, Differing } from "@/api/entities";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { OpenQuery } from "@/components/links";
import { counted, formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { describePeriod } from "@/time/range";
import { differenceWords, StateBadge, useDifference } from "./comparing";
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
  const { a, b, lists } = answer.data;
  const { devices, peers } = lists;
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
        : {records(a)}, {b.id === a.id && b.to <= a.from ? "before" : "there"} {records(b)}.{" "}
        {devices && `Devices: ${differenceWords(devices)}. `}
        {peers && `Peers: ${differenceWords(peers)}. `}
        <OpenQuery query={a.query} of="this side of the comparison" />
        <OpenQuery query={b.query} of="the other side of the comparison" />
      </Text>
      <div className={styles.columns}>
        <Changes noun="Devices that differ" kind="device" of={devices} />
        <Changes noun="Peers that differ" kind="ip" of={peers} />
        {ofFlows(view) && (
          <>
            <FlowChanges view={view} list="ports" noun="Ports that differ" />
            <FlowChanges view={view} list="processes" noun="Processes that differ" />
            <FlowChanges view={view} list="names" noun="Names that differ" kind="domain" />
          </>
        )}
      </div>
    </section>
  );
}

function records({ records, sourceKind }: Comparison["a"]): string {
  return records === 0 ? "no records" : counted(records, `${sourceKind} record`);
}

/** Whether records of connections tell of the entity. */
function ofFlows({ page, entity }: EntityView): boolean {
  return entity.kind === "ip" || (page.many !== undefined && !page.many.wide);
}

interface FlowChangesProps {
  view: EntityView;
  list: string;
  noun: string;
  kind?: string;
}

function FlowChanges({ view, list, noun, kind }: FlowChangesProps) {
  const { difference, error, again } = useDifference(view, { part: "flows", list });
  if (error) return <Failure title={`${noun}: unknown`} error={error} again={again} />;
  if (difference === undefined) return <CardSkeleton label={noun} height={120} />;
  return <Changes noun={noun} kind={kind} of={difference} />;
}

interface ChangesProps {
  noun: string;
  kind?: string;
  of: Difference | undefined;
}

function Changes({ noun, kind, of }: ChangesProps) {
  const columns = useMemo<Column<Differing>[]>(
    () => [
      {
        id: "name",
        header: "Name",
        cell: (d) =>
          kind ? <EntityChip kind={kind} id={d.name} /> : <Untrusted>{d.name}</Untrusted>,
      },
      { id: "state", header: "State", cell: (d) => <StateBadge compared={d} brief /> },
      { id: "a", header: "Records", numeric: true, cell: (d) => formatCount(d.a) },
      { id: "b", header: "Compared with", numeric: true, cell: (d) => formatCount(d.b) },
      { id: "contactA", header: "Contact", cell: (d) => (d.contactedA ? "yes" : "no") },
      {
        id: "contactB",
        header: "Contact compared with",
        cell: (d) => (d.contactedB ? "yes" : "no"),
      },
    ],
    [kind],
  );
  const items = of?.items ?? [];
  if (items.length === 0) return <Empty>{noun}: none.</Empty>;
  return (
    <div>
      <Text size={200} weight="semibold">
        {noun}
      </Text>
      <PickedTable
        table="comparison"
        usual={usualColumns}
        label={noun}
        columns={columns}
        rows={items}
        maxHeight={180}
      />
    </div>
  );
}

const usualColumns = ["name", "state", "a", "b"];
