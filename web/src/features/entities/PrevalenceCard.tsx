import { Button, makeStyles, Switch, Text, tokens } from "@fluentui/react-components";
import { Suspense, useCallback, useMemo, useState } from "react";
import type { PrevalenceDay } from "@/api/entities";
import { Card } from "@/components/Card";
import type { ChartColors } from "@/components/chartColors";
import type { Column } from "@/components/DataTable";
import { Chart } from "@/components/drawings";
import { Later } from "@/components/Later";
import { formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { periodOfDays } from "@/time/range";
import { ComparePicker } from "./ComparePicker";
import { ComparisonSummary } from "./ComparisonSummary";
import { previous } from "./compareWith";
import { useComparison } from "./comparing";
import { outcomesOf, prevalenceOption } from "./prevalenceChart";
import { prevalenceWords } from "./prevalenceWords";
import { type EntityView, showPeriod } from "./view";

const chartHeight = 190;
const drawing = <CardSkeleton label="Drawing" height={chartHeight} />;

const useStyles = makeStyles({
  foot: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "4px 10px",
    color: tokens.colorNeutralForeground2,
  },
  // A line of its own: its words change when the rarity is counted, and nothing may move.
  summary: { flexBasis: "100%", marginTop: "4px" },
  tools: { display: "flex", flexWrap: "wrap", alignItems: "center", marginLeft: "auto" },
  chart: { minHeight: `${chartHeight}px` },
});

/** How widely the entity is seen, day by day, as a chart or as a table. */
export function PrevalenceCard({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { prevalence } = view.page;
  const [asTable, setAsTable] = useState(false);
  const comparing = view.search.compare !== undefined;
  const comparison = useComparison(view);
  const days = useMemo(() => prevalence.days ?? [], [prevalence.days]);
  const before = comparison.data?.b.days;
  const words = prevalenceWords(prevalence, view.entity.kind);
  const { update } = view;
  const onDays = useCallback(
    (first: string, last: string) => update(showPeriod(periodOfDays(first, last))),
    [update],
  );
  return (
    <Card
      title={view.entity.kind === "device" ? "Records per day" : "Prevalence in organisation"}
      note={`${prevalence.sourceKind || "no"} records by outcome (bars) and devices (line) per UTC day · drag over days to set the page's time`}
      query={prevalence.query}
    >
      <div className={styles.chart}>
        {asTable ? (
          <DayTable days={days} before={before} onDays={onDays} />
        ) : (
          // The answer can be read meanwhile.
          <Later fallback={drawing}>
            <DayChart days={days} before={before} words={words} onDays={onDays} />
          </Later>
        )}
      </div>
      <div className={styles.foot}>
        <Text size={200} className={styles.summary}>
          {words}
        </Text>
        <span className={styles.tools}>
          <Switch
            size="small"
            label="Compare with the period before"
            checked={view.search.compare === previous}
            onChange={(_, { checked }) => update({ compare: checked ? previous : undefined })}
          />
          <ComparePicker view={view} />
          <Button size="small" appearance="subtle" onClick={() => setAsTable(!asTable)}>
            {asTable ? "As a chart" : "As a table"}
          </Button>
        </span>
      </div>
      {comparing && <ComparisonSummary view={view} answer={comparison.answer} />}
    </Card>
  );
}

interface DaysProps {
  days: readonly PrevalenceDay[];
  /** The days to compare with, the first beside the first. */
  before: readonly PrevalenceDay[] | null | undefined;
  onDays: (first: string, last: string) => void;
}

function DayChart({ days, before, words, onDays }: DaysProps & { words: string }) {
  const option = useCallback(
    (colors: ChartColors) => prevalenceOption(days, before ?? [], colors),
    [days, before],
  );
  const brush = useCallback(
    (first: number, last: number) => {
      const [a, b] = [days[Math.max(0, first)], days[Math.min(days.length - 1, last)]];
      if (a && b) onDays(a.day, b.day);
    },
    [days, onDays],
  );
  return (
    <Suspense fallback={drawing}>
      <Chart
        label={`Devices and records per day. ${words}`}
        height={chartHeight}
        option={option}
        onBrush={brush}
      />
    </Suspense>
  );
}

function DayTable({ days, before, onDays }: DaysProps) {
  const columns = useMemo<Column<PrevalenceDay>[]>(() => {
    const outcomes = outcomesOf(days);
    const list: Column<PrevalenceDay>[] = [
      {
        id: "day",
        header: "Day (UTC)",
        cell: ({ day }) => (
          <TextButton link onClick={() => onDays(day, day)} aria-label={`Show only ${day}`}>
            {day}
          </TextButton>
        ),
      },
      { id: "devices", header: "Devices", numeric: true, cell: (d) => formatCount(d.devices) },
      { id: "records", header: "Records", numeric: true, cell: (d) => formatCount(d.records) },
      ...outcomes.map((outcome) => ({
        id: outcome,
        header: outcome === "none" ? "No connection" : outcome,
        numeric: true,
        cell: (d: PrevalenceDay) => formatCount(d.outcomes[outcome] ?? 0),
      })),
    ];
    if (days.some((d) => d.alerts > 0))
      list.push({
        id: "alerts",
        header: "Alerts",
        numeric: true,
        cell: (d) => formatCount(d.alerts),
      });
    if (before) {
      const beside = new Map(days.map((d, i) => [d.day, before[i]?.records ?? 0]));
      list.push({
        id: "before",
        header: "Records compared with",
        numeric: true,
        cell: (d) => formatCount(beside.get(d.day) ?? 0),
      });
    }
    return list;
  }, [days, before, onDays]);
  return (
    <PickedTable
      table="prevalence"
      label="Prevalence by day"
      columns={columns}
      rows={days}
      maxHeight={chartHeight}
    />
  );
}
