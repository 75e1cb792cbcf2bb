import {
  Badge,
  Link,
  MessageBar,
  MessageBarBody,
  makeStyles,
  ToggleButton,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type Alert, alertsQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import { type Column, DataTable } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { FilterInput } from "@/components/FilterInput";
import { TextLink } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { useDebounced } from "@/components/useDebounced";
import { stringLiteral } from "@/kql/literal";
import { alertOrder, alertOrderWord } from "./alertOrder";
import { Gone, useComparedColumn } from "./comparing";
import { NothingSearched } from "./NothingSearched";
import { Pager } from "./Pager";
import { bySeverity, severityColor, severityPredicate } from "./severity";
import { useColumns } from "./useColumns";
import { typingPause } from "./useListPage";
import { type EntityView, sameStory } from "./view";

const pageSize = 100;
const alertsCompared = { part: "alerts", list: "alerts" } as const;
const titleOf = (a: Alert) => a.title;
const alertSources = {
  kinds: /alert|notice/i,
  some: "Loaded are these sources of alerts, told by their names:",
  none: "No source of alerts is loaded, as far as their names tell.",
};

const useStyles = makeStyles({
  column: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
  bar: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px", marginBottom: "6px" },
  quiet: { color: tokens.colorNeutralForeground3 },
  links: { display: "inline-flex", gap: "10px", whiteSpace: "nowrap" },
});

/** The alerts of ingested sources that name the entity. */
export function TabAlerts({ view }: { view: EntityView }) {
  const styles = useStyles();
  return (
    <div className={styles.column}>
      <MessageBar intent="info">
        <MessageBarBody>
          Incidents come in a later release: alerts are not yet grouped, assigned or closed here.
          These are the alerts as their sources wrote them.
        </MessageBarBody>
      </MessageBar>
      <Alerts view={view} />
    </div>
  );
}

function Alerts({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { search, scope } = view;
  const find = search.find ?? "";
  const q = useDebounced(find.trim(), typingPause);
  const counts = view.page.alerts.bySeverity;
  const severity = Object.keys(counts).find((name) => severityPredicate(name) === search.where);
  const { sort, param } = alertOrder(search.sort);
  const list = JSON.stringify([scope, q, severity, param]);
  const [place, setPlace] = useState({ list, offset: 0 });
  const offset = place.list === list ? place.offset : 0;
  const answer = useQuery(
    alertsQuery(scope, { limit: pageSize, offset, q: q || undefined, severity, sort: param }),
  );
  const columns = useMemo(() => alertColumns(view), [view]);
  const { shown, picker } = useColumns(view, "alerts", columns, usualAlertColumns);
  const compared = useComparedColumn(view, alertsCompared, titleOf);
  if (answer.isError)
    return (
      <Failure title="The alerts could not be read" error={answer.error} again={answer.refetch} />
    );
  if (answer.isPending) return <CardSkeleton label="Reading the alerts" height={320} />;
  const { total, query, bySeverity: found } = answer.data;
  const items = answer.data.items ?? [];
  const whole = q === "" && severity === undefined;
  if (total === 0 && whole) {
    return (
      <Card title="Alerts" count={0} query={query}>
        <NothingSearched view={view} of={alertSources}>
          No alert of an ingested source names it in this period.
        </NothingSearched>
        <Gone view={view} which={alertsCompared} noun="alerts, by their titles," />
      </Card>
    );
  }
  return (
    <Card title="Alerts" count={total} query={query}>
      <div className={styles.bar}>
        <FilterInput
          noun="alerts"
          placeholder="Title, category, source, device"
          value={find}
          onChange={(value) => view.replace({ find: value || undefined })}
        />
        {bySeverity(counts).map(({ severity: name }) => (
          <ToggleButton
            key={name}
            size="small"
            shape="circular"
            checked={name === severity}
            onClick={() =>
              view.update({ where: name === severity ? undefined : severityPredicate(name) })
            }
          >
            {name || "no severity"} {formatCount(found[name] ?? 0)}
          </ToggleButton>
        ))}
        {picker}
        <Pager
          noun="alerts"
          offset={offset}
          shown={items.length}
          total={total}
          onBack={() => setPlace({ list, offset: Math.max(0, offset - pageSize) })}
          onForth={() => setPlace({ list, offset: offset + pageSize })}
        />
      </div>
      {total === 0 ? (
        <Empty>No alert fits the filter.</Empty>
      ) : (
        <DataTable
          label="Alerts"
          columns={[...compared, ...shown]}
          rows={items}
          sort={sort}
          onSort={(next) => view.update({ sort: alertOrderWord(next) })}
          total={total}
          offset={offset}
          maxHeight={560}
        />
      )}
      <Gone view={view} which={alertsCompared} noun="alerts, by their titles," />
    </Card>
  );
}

function alertColumns(view: EntityView): Column<Alert>[] {
  return [
    {
      id: "severity",
      header: "Severity",
      sortable: true,
      minWidth: 92,
      cell: (a) => (
        <Badge appearance="tint" color={severityColor(a.severity)}>
          <Untrusted>{a.severity || "no severity"}</Untrusted>
        </Badge>
      ),
    },
    {
      id: "title",
      header: "Title",
      sortable: true,
      ascendingFirst: true,
      cell: (a) => <Untrusted>{a.title}</Untrusted>,
      minWidth: 200,
    },
    {
      id: "time",
      header: "Time",
      sortable: true,
      cell: (a) => <Moment at={a.time} />,
      minWidth: 130,
    },
    {
      id: "source",
      header: "Source",
      sortable: true,
      ascendingFirst: true,
      cell: (a) => <Untrusted>{a.source}</Untrusted>,
      minWidth: 64,
    },
    {
      id: "category",
      header: "Category",
      cell: (a) => <Untrusted>{a.category ?? ""}</Untrusted>,
      minWidth: 116,
    },
    { id: "role", header: "Its role", cell: (a) => <RoleIn alert={a} />, minWidth: 120 },
    {
      id: "device",
      header: "Device",
      cell: (a) =>
        a.device ? <EntityChip kind="device" id={a.device} shown={sameStory(view)} /> : "not named",
    },
    { id: "raw", header: "Raw event", cell: (a) => <Evidence alert={a} /> },
    { id: "id", header: "Alert id", cell: (a) => <Untrusted>{a.alertId}</Untrusted> },
  ];
}

const usualAlertColumns = [
  "severity",
  "title",
  "time",
  "source",
  "category",
  "role",
  "device",
  "raw",
];

/** What the entity is in an alert: as the evidence says, or just named. */
function RoleIn({ alert }: { alert: Alert }) {
  const styles = useStyles();
  const roles = (alert.roles ?? []).join(", ") || "named";
  return (
    <>
      {roles} {alert.evidence && <span className={styles.quiet}>{alert.evidence}</span>}
    </>
  );
}

/** The ways to what the source wrote: the row, and the record that it was made of. */
function Evidence({ alert }: { alert: Alert }) {
  const styles = useStyles();
  return (
    <span className={styles.links}>
      <TextLink
        to="/query"
        search={{ q: `AlertEvidence\n| where AlertId == ${stringLiteral(alert.alertId)}` }}
      >
        Evidence
      </TextLink>
      {alert.rawId !== "" && (
        <Link href={`/api/raw/${alert.rawId}`} download>
          Record
        </Link>
      )}
    </span>
  );
}
