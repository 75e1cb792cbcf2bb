import { Button, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { type InsightItem, insightsQuery } from "@/api/insights";
import { Card } from "@/components/Card";
import type { ChartColors } from "@/components/chartColors";
import { type Column, DataTable } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { formatCount } from "@/components/numbers";
import { CardSkeleton, Empty, Failure, Loading } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { formatTicks } from "@/time/format";
import { insightBars, insightOption } from "./insightChart";
import type { EntityView } from "./view";

const Chart = lazy(() => import("@/components/Chart"));

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(2, minmax(0, 1fr))",
    gap: "12px",
    alignItems: "start",
    "@media (max-width: 1200px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  grey: {
    "& > section": {
      backgroundColor: tokens.colorNeutralBackground3,
      boxShadow: "none",
    },
  },
  question: { display: "block", marginBottom: "8px", color: tokens.colorNeutralForeground2 },
  foot: { display: "flex", alignItems: "center", gap: "8px", marginTop: "6px" },
  quiet: { color: tokens.colorNeutralForeground3 },
  push: { marginLeft: "auto" },
});

/** Curated queries about the entity, those with an answer first. */
export function TabInsights({ view }: { view: EntityView }) {
  const styles = useStyles();
  const answer = useQuery(insightsQuery(view.scope));
  if (answer.isPending) return <CardSkeleton label="Asking the curated queries" height={360} />;
  if (answer.isError) {
    return <Failure title="The insights could not be read" error={answer.error} />;
  }
  const items = answer.data.items ?? [];
  if (items.length === 0) {
    return (
      <Card title="Insights">
        <Empty>There are no curated queries about entities of this kind.</Empty>
      </Card>
    );
  }
  return (
    <div className={styles.cards}>
      {items.map((item) => (
        <div
          key={item.id}
          className={mergeClasses(item.state !== "rows" && item.state !== "failed" && styles.grey)}
        >
          <InsightCard item={item} />
        </div>
      ))}
    </div>
  );
}

function InsightCard({ item }: { item: InsightItem }) {
  const styles = useStyles();
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
      {item.state === "rows" && <Answer item={item} />}
      {item.state === "failed" && <Failure title="The query failed" error={item.error} />}
      {item.state === "empty" && <Empty>No record in this period.</Empty>}
      {item.state === "role" && (
        <Empty>These records never name an address in the role that is shown.</Empty>
      )}
      {item.state === "missing" && <Empty>No data. It is filled by {item.needs}.</Empty>}
    </Card>
  );
}

function Answer({ item }: { item: InsightItem }) {
  const styles = useStyles();
  const [asTable, setAsTable] = useState(item.chart === undefined);
  const rows = useMemo(() => (item.rows ?? []).map((cells) => ({ cells: cells ?? [] })), [item]);
  const columns = useMemo(() => insightColumns(item.columns ?? []), [item]);
  return (
    <>
      {asTable ? (
        <DataTable label={item.title} columns={columns} rows={rows} maxHeight={260} />
      ) : (
        <Bars item={item} />
      )}
      <div className={styles.foot}>
        {item.total > rows.length && (
          <Text size={200} className={styles.quiet}>
            {formatCount(rows.length)} of {formatCount(item.total)} rows; the query has all.
          </Text>
        )}
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

function Bars({ item }: { item: InsightItem }) {
  const bars = useMemo(() => insightBars(item), [item]);
  const option = useCallback((colors: ChartColors) => insightOption(bars, colors), [bars]);
  return (
    <Suspense fallback={<Loading label="Drawing" />}>
      <Chart
        label={`${item.title}: ${item.chart?.value} by ${item.chart?.name}. The same stands in the table.`}
        height={40 + bars.length * 22}
        option={option}
      />
    </Suspense>
  );
}

interface CellRow {
  cells: readonly string[];
}

/** What the columns of curated queries name; their tests hold them to these words. */
const entityColumns: Record<string, string | undefined> = { Device: "device", Computer: "device" };

function InsightCell({ kind, text }: { kind: string | undefined; text: string }) {
  if (kind !== undefined && text !== "") return <EntityChip kind={kind} id={text} />;
  return <Untrusted>{formatTicks(text) || "–"}</Untrusted>;
}

function insightColumns(names: readonly string[]): Column<CellRow>[] {
  return names.map((name, i) => ({
    id: name,
    header: name,
    cell: ({ cells }) => <InsightCell kind={entityColumns[name]} text={cells[i] ?? ""} />,
  }));
}
