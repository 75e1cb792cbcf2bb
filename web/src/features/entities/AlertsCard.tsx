import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import { useMemo } from "react";
import type { Alert, AlertList } from "@/api/entities";
import { Card } from "@/components/Card";
import { type Column, DataTable } from "@/components/DataTable";
import { formatCount } from "@/components/numbers";
import { Empty } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { formatTime } from "@/time/format";
import { bySeverity, severityColor } from "./severity";

const useStyles = makeStyles({
  counts: {
    display: "flex",
    flexWrap: "wrap",
    gap: "8px",
    marginBottom: "8px",
    fontSize: tokens.fontSizeBase200,
  },
});

export function AlertsCard({ alerts }: { alerts: AlertList }) {
  const styles = useStyles();
  const items = alerts.items ?? [];
  return (
    <Card
      title="Alerts"
      count={alerts.total}
      note={note(items.length, alerts.total)}
      query={alerts.query}
    >
      {alerts.total === 0 ? (
        <Empty>No alert of an ingested source names it in this period.</Empty>
      ) : (
        <>
          <div className={styles.counts}>
            {bySeverity(alerts.bySeverity).map(({ severity, count }) => (
              <Badge key={severity} appearance="tint" color={severityColor(severity)} size="large">
                {severity} {formatCount(count)}
              </Badge>
            ))}
          </div>
          <AlertTable items={items} />
        </>
      )}
    </Card>
  );
}

function AlertTable({ items }: { items: readonly Alert[] }) {
  const columns = useMemo<Column<Alert>[]>(
    () => [
      { id: "time", header: "Time", cell: (a) => formatTime(a.time), minWidth: 130 },
      {
        id: "severity",
        header: "Severity",
        cell: (a) => (
          <Badge appearance="tint" color={severityColor(a.severity)}>
            <Untrusted>{a.severity}</Untrusted>
          </Badge>
        ),
      },
      { id: "title", header: "Title", cell: (a) => <Untrusted>{a.title}</Untrusted> },
      {
        id: "category",
        header: "Category",
        cell: (a) => <Untrusted>{a.category ?? ""}</Untrusted>,
      },
      { id: "source", header: "Source", cell: (a) => <Untrusted>{a.source}</Untrusted> },
    ],
    [],
  );
  return <DataTable label="Alerts" columns={columns} rows={items} maxHeight={240} />;
}

function note(shown: number, total: number): string | undefined {
  return shown < total ? `the first ${formatCount(shown)} shown` : undefined;
}
