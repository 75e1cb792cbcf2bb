import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { type AlertList, alertsQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import { formatCount } from "@/components/numbers";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { periodBefore } from "@/time/range";
import { Gone, StateBadge, useCompared } from "./comparing";
import { NothingHere } from "./NothingHere";
import { bySeverity, severityColor, severityPredicate } from "./severity";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  counts: { display: "flex", flexWrap: "wrap", gap: "8px", marginBottom: "6px" },
  count: { display: "inline-flex", alignItems: "center", gap: "4px" },
  quiet: { display: "block", minHeight: "16px", color: tokens.colorNeutralForeground3 },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "grid",
    gap: "2px",
    fontSize: tokens.fontSizeBase200,
  },
});

const severitiesCompared = { part: "alerts", list: "severities" } as const;

/** How many alerts name the entity, by severity, beside the period before, and the latest of them. */
export function SeverityCard({ view }: { view: EntityView }) {
  const styles = useStyles();
  const alerts: AlertList = view.page.alerts;
  const latest = (alerts.items ?? []).slice(0, 3);
  const compared = useCompared(view, severitiesCompared);
  return (
    <Card title="Alerts by severity" count={alerts.total} query={alerts.query}>
      {alerts.total === 0 ? (
        <NothingHere view={view} of="alerts">
          No alert of an ingested source names it in this period.
        </NothingHere>
      ) : (
        <>
          <div className={styles.counts}>
            {bySeverity(alerts.bySeverity).map(({ severity, count }) => (
              <span key={severity} className={styles.count}>
                <TextButton
                  title="Show them"
                  onClick={() => view.update({ tab: "alerts", where: severityPredicate(severity) })}
                >
                  <Badge appearance="tint" color={severityColor(severity)} size="large">
                    {severity || "no severity"} {formatCount(count)}
                  </Badge>
                </TextButton>
                {compared && <StateBadge compared={compared(severity)} />}
              </span>
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
      {view.search.compare === undefined && <Before view={view} />}
      <Gone view={view} which={severitiesCompared} noun="severities" />
    </Card>
  );
}

/** The same numbers of the equal period before. */
function Before({ view }: { view: EntityView }) {
  const styles = useStyles();
  const scope = { ...view.scope, ...periodBefore(view.period) };
  const { data } = useQuery(alertsQuery(scope, { limit: 1 }));
  if (data === undefined) return <Text size={200} className={styles.quiet} />;
  const counts = bySeverity(data.bySeverity).map(
    ({ severity, count }) => `${severity || "no severity"} ${formatCount(count)}`,
  );
  return (
    <Text size={200} className={styles.quiet}>
      The equal period before: {counts.length === 0 ? "none" : counts.join(", ")}
    </Text>
  );
}
