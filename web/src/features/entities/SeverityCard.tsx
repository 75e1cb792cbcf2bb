import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import type { AlertList } from "@/api/entities";
import { Card } from "@/components/Card";
import { formatCount } from "@/components/numbers";
import { Empty } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { bySeverity, severityColor } from "./severity";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  counts: { display: "flex", flexWrap: "wrap", gap: "8px", marginBottom: "6px" },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "grid",
    gap: "2px",
    fontSize: tokens.fontSizeBase200,
  },
});

/** How many alerts name the entity, by severity, and the latest of them. */
export function SeverityCard({ view }: { view: EntityView }) {
  const styles = useStyles();
  const alerts: AlertList = view.page.alerts;
  const latest = (alerts.items ?? []).slice(0, 3);
  return (
    <Card title="Alerts by severity" count={alerts.total} query={alerts.query}>
      {alerts.total === 0 ? (
        <Empty>No alert of an ingested source names it in this period.</Empty>
      ) : (
        <>
          <div className={styles.counts}>
            {bySeverity(alerts.bySeverity).map(({ severity, count }) => (
              <Badge key={severity} appearance="tint" color={severityColor(severity)} size="large">
                {severity || "no severity"} {formatCount(count)}
              </Badge>
            ))}
          </div>
          <ul className={styles.list}>
            {latest.map((a) => (
              <li key={a.alertId}>
                <Untrusted>{a.title}</Untrusted>
              </li>
            ))}
          </ul>
          <TextButton link onClick={() => view.update({ tab: "alerts" })}>
            All {formatCount(alerts.total)} alerts
          </TextButton>
        </>
      )}
    </Card>
  );
}
