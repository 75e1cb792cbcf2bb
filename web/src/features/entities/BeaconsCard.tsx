import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useCallback, useMemo, useState } from "react";
import {
  type ActiveHour,
  type Beacon,
  type BeaconDetail,
  beaconQuery,
  beaconsQuery,
  type GapBin,
} from "@/api/flows";
import { Card } from "@/components/Card";
import type { ChartColors } from "@/components/chartColors";
import type { Column } from "@/components/DataTable";
import { Chart } from "@/components/drawings";
import { EntityChip } from "@/components/EntityChip";
import { OpenQuery } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatBytes, formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { formatTime } from "@/time/format";
import { compareAs, Gone, NotCompared, useComparedColumn } from "./comparing";
import { gapOption } from "./gapChart";
import { NothingHere } from "./NothingHere";
import { formatSeconds } from "./seconds";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  detail: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)",
    gap: "12px",
    marginTop: "10px",
    paddingTop: "10px",
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    "@media (max-width: 1000px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  title: { margin: "0 0 4px", fontSize: tokens.fontSizeBase300, fontWeight: 600 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

const pageSize = 200;
const gapHeight = 190;
const beaconsCompared = { part: "flows", list: "beacons" } as const;

/** The pairs of addresses by how much their talk looks like a machine that calls home. */
export function BeaconsCard({ view }: { view: EntityView }) {
  const styles = useStyles();
  const answer = useQuery(beaconsQuery(view.scope, { limit: pageSize, offset: 0 }));
  const [picked, setPicked] = useState<Beacon>();
  const columns = useMemo(() => beaconColumns(setPicked), []);
  const compared = useComparedColumn(view, beaconsCompared, compareAs);
  if (answer.isPending) return <CardSkeleton label="Scoring the pairs" height={240} />;
  if (answer.isError) {
    return (
      <Failure
        title="The beacon scores could not be computed"
        error={answer.error}
        again={answer.refetch}
      />
    );
  }
  const list = answer.data;
  const items = list.items ?? [];
  const shown = picked ?? items[0];
  return (
    <Card
      title="Beacon scores"
      count={list.total}
      note={`pairs with ${list.minRecords} or more ${list.sourceKind} records · a high score is no verdict: time servers and monitoring have one too`}
      query={list.query}
    >
      {shown === undefined ? (
        <NothingHere view={view} of="connections">
          No two addresses have {list.minRecords} records of connections with each other in this
          period.
        </NothingHere>
      ) : (
        <>
          <PickedTable
            table="beacons"
            label="Beacon scores"
            columns={columns}
            before={compared}
            rows={items}
            maxHeight={280}
          />
          {list.total > items.length && (
            <Text size={200} className={styles.quiet}>
              The {formatCount(items.length)} pairs with the highest scores of{" "}
              {formatCount(list.total)}.
            </Text>
          )}
          {list.notScored > 0 && (
            <Text size={200} className={styles.quiet}>
              {formatCount(list.notScored)} more pairs were not scored: they have too many records
              for one page.
            </Text>
          )}
          <Detail view={view} beacon={shown} />
        </>
      )}
      <Gone view={view} which={beaconsCompared} noun="pairs with a score" />
    </Card>
  );
}

function beaconColumns(onPick: (beacon: Beacon) => void): Column<Beacon>[] {
  const share = (n: number) => n.toFixed(3);
  return [
    { id: "rank", header: "Rank", numeric: true, cell: (b) => b.rank },
    {
      id: "local",
      header: "Local",
      minWidth: 118,
      cell: (b) => <EntityChip kind="ip" id={b.local} />,
    },
    {
      id: "remote",
      header: "Remote",
      minWidth: 118,
      cell: (b) => <EntityChip kind="ip" id={b.remote} />,
    },
    { id: "records", header: "Records", numeric: true, cell: (b) => formatCount(b.records) },
    {
      id: "score",
      header: "Score",
      numeric: true,
      cell: (b) => (
        <TextButton
          link
          onClick={() => onPick(b)}
          aria-label={`Show what the score of ${b.local} and ${b.remote} is made of`}
        >
          {share(b.score)}
        </TextButton>
      ),
    },
    {
      id: "interval",
      header: "Interval",
      detail: "symmetry · closeness",
      numeric: true,
      cell: (b) => terms(b.intervalRegularity),
    },
    {
      id: "size",
      header: "Size",
      detail: "symmetry · closeness",
      numeric: true,
      cell: (b) => (b.sizeRegularity ? terms(b.sizeRegularity) : "not counted"),
    },
    { id: "span", header: "Span", numeric: true, cell: (b) => share(b.span) },
    { id: "hours", header: "Hours", numeric: true, cell: (b) => share(b.hours) },
    {
      id: "median",
      header: "Median gap",
      numeric: true,
      cell: (b) => formatSeconds(b.intervalRegularity.median),
    },
    { id: "last", header: "Last", minWidth: 112, cell: (b) => <Moment at={b.last} /> },
    {
      id: "query",
      header: "Query",
      cell: (b) => <OpenQuery query={b.query} of={`records of ${b.local} and ${b.remote}`} />,
    },
  ];
}

function terms({ value, symmetry, closeness }: Beacon["intervalRegularity"]): string {
  return `${value.toFixed(3)} (${symmetry.toFixed(2)} · ${closeness.toFixed(2)})`;
}

function Detail({ view, beacon }: { view: EntityView; beacon: Beacon }) {
  const styles = useStyles();
  const answer = useQuery(beaconQuery(view.scope, beacon));
  if (answer.isPending) return <CardSkeleton label="Reading the gaps" height={220} />;
  if (answer.isError)
    return (
      <Failure title="The gaps could not be read" error={answer.error} again={answer.refetch} />
    );
  return (
    <div className={styles.detail}>
      <div>
        <h3 className={styles.title}>
          Gaps between the records of {beacon.local} and {beacon.remote}
        </h3>
        <Gaps detail={answer.data} />
        <NotCompared view={view}>
          gaps and hours are those of this period; the list above compares the scores.
        </NotCompared>
      </div>
      <div>
        <h3 className={styles.title}>What the score is made of</h3>
        <PickedTable
          table="beacon-terms"
          label="Terms of the score"
          columns={termColumns}
          rows={termRows(answer.data.beacon)}
          maxHeight={200}
        />
        <PickedTable
          table="beacon-hours"
          label="Active hours"
          columns={hourColumns}
          rows={answer.data.activeHours ?? []}
          maxHeight={140}
        />
      </div>
    </div>
  );
}

function Gaps({ detail }: { detail: BeaconDetail }) {
  const bins = useMemo(() => detail.histogram ?? [], [detail.histogram]);
  const option = useCallback((colors: ChartColors) => gapOption(bins, colors), [bins]);
  const { median, q1, q3 } = detail.beacon.intervalRegularity;
  return (
    <>
      <Suspense fallback={<CardSkeleton label="Drawing" height={gapHeight} />}>
        <Chart
          label={`Gaps by length: half of them between ${formatSeconds(q1)} and ${formatSeconds(q3)}, the median ${formatSeconds(median)}`}
          height={gapHeight}
          option={option}
        />
      </Suspense>
      <PickedTable
        table="beacon-gaps"
        label="Gaps by length"
        columns={binColumns}
        rows={bins}
        maxHeight={140}
      />
    </>
  );
}

const binColumns: Column<GapBin>[] = [
  {
    id: "gap",
    header: "Gap",
    cell: (b) => `${formatSeconds(b.from)} – ${formatSeconds(b.to)}`,
  },
  { id: "gaps", header: "Gaps", numeric: true, cell: (b) => formatCount(b.gaps) },
];

const hourColumns: Column<ActiveHour>[] = [
  { id: "hour", header: "Active hour", cell: (h) => <Moment at={h.hour} to="minute" /> },
  { id: "records", header: "Records", numeric: true, cell: (h) => formatCount(h.records) },
];

interface TermRow {
  name: string;
  value: string;
  why: string;
}

const termColumns: Column<TermRow>[] = [
  { id: "name", header: "Term", cell: (t) => t.name },
  { id: "value", header: "Value", numeric: true, cell: (t) => t.value },
  { id: "why", header: "From", cell: (t) => t.why },
];

function termRows(b: Beacon): TermRow[] {
  const of = (name: string, r: Beacon["intervalRegularity"], unit: (n: number) => string) => ({
    name,
    value: r.value.toFixed(3),
    why: `quartiles ${unit(r.q1)}, ${unit(r.median)}, ${unit(r.q3)}; median deviation ${unit(r.deviation)}`,
  });
  return [
    of("Interval regularity", b.intervalRegularity, formatSeconds),
    b.sizeRegularity
      ? of("Size regularity", b.sizeRegularity, formatBytes)
      : { name: "Size regularity", value: "left out", why: "the source does not count bytes" },
    {
      name: "Span",
      value: b.span.toFixed(3),
      why: `${formatTime(b.first)} to ${formatTime(b.last)}, of ${formatTime(b.from)} to ${formatTime(b.to)}`,
    },
    { name: "Hours", value: b.hours.toFixed(3), why: "clock hours of that period with a record" },
    { name: "Score", value: b.score.toFixed(3), why: "the mean of the terms" },
  ];
}
