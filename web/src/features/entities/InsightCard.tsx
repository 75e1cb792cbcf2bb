import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useCallback, useMemo, useState } from "react";
import { type InsightItem, insightsQuery } from "@/api/insights";
import { Card } from "@/components/Card";
import type { ChartColors } from "@/components/chartColors";
import { type Column, DataTable } from "@/components/DataTable";
import { Chart } from "@/components/drawings";
import { EntityChip, HostChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { counted, formatBytes, formatCount } from "@/components/numbers";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { useTableColumns } from "@/components/useTableColumns";
import { formatTicks } from "@/time/format";
import { type ComparedList, compareAs, Gone, useComparedColumn, useComparison } from "./comparing";
import { dataSince } from "./dataSince";
import { insightBars, insightOption } from "./insightChart";
import { columnWords, entityOfColumn, isCount, isMoment, isWhole, widthOf } from "./insightColumns";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  question: { display: "block", marginBottom: "8px", color: tokens.colorNeutralForeground2 },
  foot: { display: "flex", alignItems: "center", gap: "8px", marginTop: "6px" },
  quiet: { color: tokens.colorNeutralForeground3 },
  push: { marginLeft: "auto" },
  moment: { whiteSpace: "nowrap" },
});

/** One curated query: its question, and the answer as a table or a chart. */
export function InsightCard({ view, item }: { view: EntityView; item: InsightItem }) {
  const styles = useStyles();
  const which = useMemo(() => ({ part: "insights", list: item.id }) as const, [item.id]);
  return (
    <Card
      title={item.title}
      count={item.state === "rows" ? item.total : undefined}
      note={(item.tables ?? []).join(", ")}
      query={item.query}
    >
      <Text size={200} className={styles.question}>
        {item.question}
      </Text>
      {item.state === "rows" && <Answer view={view} item={item} which={which} />}
      {item.state === "failed" && <Failure title="The query failed" error={item.error} />}
      {item.state === "empty" && (
        <Empty>
          No record in this period.{" "}
          {dataSince(view.page.coverage, (c) => (item.tables ?? []).includes(c.table))}
        </Empty>
      )}
      {item.state === "role" && (
        <Empty>These records never name an address in the role that is shown.</Empty>
      )}
      {item.state === "missing" && <Empty>No data. It is filled by {item.needs}.</Empty>}
      {(item.state === "rows" || item.state === "empty") && (
        <Gone view={view} which={which} noun="rows" />
      )}
    </Card>
  );
}

interface AnswerProps {
  view: EntityView;
  item: InsightItem;
  /** What a comparison calls its rows together. */
  which: ComparedList;
}

function Answer({ view, item, which }: AnswerProps) {
  const styles = useStyles();
  const [asTable, setAsTable] = useState(item.chart === undefined);
  const rows = useMemo(
    () =>
      (item.rows ?? []).map((cells, i) => ({ cells: cells ?? [], compareAs: item.compareAs?.[i] })),
    [item],
  );
  const columns = useMemo(() => insightColumns(item), [item]);
  const { shown, picker } = useTableColumns({
    table: `insight-${item.id}`,
    label: item.title,
    columns,
  });
  const compared = useComparedColumn(view, which, compareAs);
  return (
    <>
      {asTable ? (
        <DataTable
          label={item.title}
          columns={[...compared, ...shown]}
          rows={rows}
          maxHeight={260}
        />
      ) : (
        <Bars view={view} item={item} />
      )}
      <div className={styles.foot}>
        {item.total > rows.length && (
          <Text size={200} className={styles.quiet}>
            {formatCount(rows.length)} of {counted(item.total, "row")}; the query has all.
          </Text>
        )}
        {asTable && picker}
        <span className={styles.push} />
        {item.chart && (
          <Button
            size="small"
            appearance="subtle"
            onClick={() => setAsTable(!asTable)}
            aria-label={`${item.title}: ${asTable ? "as a chart" : "as a table"}`}
          >
            {asTable ? "As a chart" : "As a table"}
          </Button>
        )}
      </div>
    </>
  );
}

function Bars({ view, item }: { view: EntityView; item: InsightItem }) {
  const other = useOtherInsight(view, item.id);
  const bars = useMemo(() => insightBars(item, other), [item, other]);
  const option = useCallback((colors: ChartColors) => insightOption(bars, colors), [bars]);
  const height = 40 + bars.length * 22;
  return (
    <Suspense fallback={<CardSkeleton label="Drawing" height={height} />}>
      <Chart
        label={`${item.title}: ${item.chart?.value} by ${item.chart?.name}. The same stands in the table.`}
        height={height}
        option={option}
      />
    </Suspense>
  );
}

/** The same query about what the page is compared with; undefined while it is not. */
function useOtherInsight(view: EntityView, id: string): InsightItem | undefined {
  const b = useComparison(view).data?.b;
  const scope = { ...view.scope, id: b?.id ?? view.scope.id, from: b?.from, to: b?.to };
  const { data } = useQuery({ ...insightsQuery(scope), enabled: b !== undefined });
  return b && data?.items?.find((other) => other.id === id);
}

interface CellRow {
  cells: readonly string[];
  compareAs?: string;
}

function InsightCell({ name, text }: { name: string; text: string }) {
  const styles = useStyles();
  const kind = entityOfColumn(name);
  if (text === "") return "–";
  if (isMoment(name) && !Number.isNaN(Date.parse(text)))
    return (
      <span className={styles.moment}>
        <Moment at={text} />
      </span>
    );
  if (name.startsWith("Bytes") && isWhole(text)) return formatBytes(Number(text));
  if (isCount(name) && isWhole(text)) return formatCount(Number(text));
  if (kind === undefined) return <Untrusted>{formatTicks(text)}</Untrusted>;
  if (kind === "host") return <HostChip host={text} />;
  return <EntityChip kind={kind} id={text} />;
}

function insightColumns(item: InsightItem): Column<CellRow>[] {
  return (item.columns ?? []).map((name, i) => ({
    id: name,
    header: columnWords(name),
    numeric: isCount(name),
    // Numbers and times keep to one line by themselves.
    minWidth:
      isCount(name) || isMoment(name)
        ? undefined
        : widthOf(
            (item.rows ?? []).map((cells) => cells?.[i] ?? ""),
            name,
          ),
    cell: ({ cells }) => <InsightCell name={name} text={cells[i] ?? ""} />,
  }));
}
