import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import type { Prevalence, PrevalenceDay } from "@/api/entities";
import { Card } from "@/components/Card";
import type { ChartColors } from "@/components/chartColors";
import { type Column, DataTable } from "@/components/DataTable";
import { formatCount } from "@/components/numbers";
import { Loading } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { formatMinute } from "@/time/format";
import { prevalenceOption } from "./prevalenceChart";

const Chart = lazy(() => import("@/components/Chart"));

const chartHeight = 190;

const useStyles = makeStyles({
  foot: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "10px",
    color: tokens.colorNeutralForeground2,
  },
  push: { marginLeft: "auto" },
});

interface PrevalenceCardProps {
  prevalence: Prevalence;
  /** Narrows the page to whole days, both included. */
  onDays: (first: string, last: string) => void;
}

/** How widely the entity is seen, day by day, as a chart or as a table. */
export function PrevalenceCard({ prevalence, onDays }: PrevalenceCardProps) {
  const styles = useStyles();
  const [asTable, setAsTable] = useState(false);
  const days = useMemo(() => prevalence.days ?? [], [prevalence.days]);
  return (
    <Card
      title="Prevalence in organisation"
      note={`devices (bars) and ${prevalence.sourceKind || "no"} records (line) per UTC day · drag over days to set the page's time`}
      query={prevalence.query}
    >
      {asTable ? (
        <DayTable days={days} onDays={onDays} />
      ) : (
        <DayChart days={days} prevalence={prevalence} onDays={onDays} />
      )}
      <div className={styles.foot}>
        <Text size={200}>{summary(prevalence)}</Text>
        <span className={styles.push} />
        <Button size="small" appearance="subtle" onClick={() => setAsTable(!asTable)}>
          {asTable ? "As a chart" : "As a table"}
        </Button>
      </div>
    </Card>
  );
}

interface DaysProps {
  days: readonly PrevalenceDay[];
  onDays: (first: string, last: string) => void;
}

function DayChart({ days, prevalence, onDays }: DaysProps & { prevalence: Prevalence }) {
  const { sourceKind } = prevalence;
  const option = useCallback(
    (colors: ChartColors) => prevalenceOption(days, sourceKind, colors),
    [days, sourceKind],
  );
  const brush = useCallback(
    (first: number, last: number) => {
      const [a, b] = [days[Math.max(0, first)], days[Math.min(days.length - 1, last)]];
      if (a && b) onDays(a.day, b.day);
    },
    [days, onDays],
  );
  return (
    <Suspense fallback={<Loading label="Drawing" />}>
      <Chart
        label={`Devices and records per day. ${summary(prevalence)}`}
        height={chartHeight}
        option={option}
        onBrush={brush}
      />
    </Suspense>
  );
}

function DayTable({ days, onDays }: DaysProps) {
  const columns = useMemo<Column<PrevalenceDay>[]>(
    () => [
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
    ],
    [onDays],
  );
  return (
    <DataTable label="Prevalence by day" columns={columns} rows={days} maxHeight={chartHeight} />
  );
}

function summary({ devices, devicesTotal, rarerThan, rarerAsOf }: Prevalence): string {
  const seen =
    devices <= devicesTotal
      ? `${formatCount(devices)} of ${formatCount(devicesTotal)} devices with records in this period`
      : `${formatCount(devices)} own hosts in this period`;
  if (rarerThan == null) return `${seen} · rarity not computed`;
  const asOf = rarerAsOf ? `, as of ${formatMinute(rarerAsOf)}` : "";
  return `${seen} · rarer than ${(100 * rarerThan).toFixed(1)} % of the external addresses of the period${asOf}`;
}
