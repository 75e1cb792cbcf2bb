import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ArrowDownloadRegular, CopyRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { eventQuery, rawRecordQuery, type TimelineEvent } from "@/api/timeline";
import { EntityChip } from "@/components/EntityChip";
import type { NamedEntity } from "@/components/entityActions";
import { ButtonLink, OpenQuery } from "@/components/links";
import { SidePanel } from "@/components/SidePanel";
import { saveFile } from "@/components/saveFile";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted, UntrustedInFull } from "@/components/Untrusted";
import { formatTicks } from "@/time/format";
import { EventGraphView } from "./EventGraphView";
import { huntAround } from "./huntAround";
import { OutcomeWord } from "./TimelineWords";

const useStyles = makeStyles({
  section: { display: "grid", gap: "6px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: 600 },
  head: { display: "flex", flexWrap: "wrap", gap: "6px 10px", alignItems: "center" },
  fields: {
    margin: 0,
    display: "grid",
    gridTemplateColumns: "minmax(110px, 1fr) 2fr auto",
    gap: "2px 8px",
  },
  name: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  value: { margin: 0, fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  raw: {
    margin: 0,
    maxHeight: "240px",
    overflow: "auto",
    padding: "8px",
    fontSize: tokens.fontSizeBase200,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
  related: { margin: 0, padding: 0, listStyleType: "none", display: "grid", gap: "2px" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface EventPanelProps {
  rawId: string;
  /** The entity whose timeline it was opened from. */
  entity: { kind: string; id: string };
  onClose: () => void;
}

/** All that is known of one record. */
export function EventPanel({ rawId, entity, onClose }: EventPanelProps) {
  const event = useQuery(eventQuery(rawId));
  return (
    <SidePanel
      label="Event"
      title={<>Event {event.data && formatTicks(event.data.time)}</>}
      onClose={onClose}
    >
      {event.isPending && <CardSkeleton label="Loading the event" height={400} />}
      {event.isError && (
        <Failure title="The event could not be read" error={event.error} again={event.refetch} />
      )}
      {event.data && <EventFacts event={event.data} entity={entity} />}
    </SidePanel>
  );
}

/** The columns in which tables name the device that reported. */
const deviceColumns = ["DeviceName", "Computer"];

function EventFacts({
  event,
  entity,
}: {
  event: TimelineEvent;
  entity: EventPanelProps["entity"];
}) {
  const styles = useStyles();
  const rows = event.rows ?? [];
  const tables = rows.map((r) => r.table);
  const named = event.related ?? [];
  const computerTables = rows
    .filter((r) => (r.fields ?? []).some((f) => f.name === "Computer"))
    .map((r) => r.table);
  const device =
    rows.flatMap((r) => r.fields ?? []).find((f) => deviceColumns.includes(f.name))?.value ?? "";
  return (
    <>
      <div className={styles.head}>
        <Text size={200}>
          <Untrusted>{event.sourceKind}</Untrusted> · {tables.join(", also in ")}
        </Text>
        {event.outcome && <OutcomeWord outcome={event.outcome} />}
        <OpenQuery query={event.query} of="this event" />
      </div>
      <Section title="Hunt around this event">
        <div className={styles.head}>
          {[1, 5, 15, 60].map((minutes) => (
            <ButtonLink
              key={minutes}
              to="/query"
              search={{
                q: huntAround({ time: event.time, device, computerTables }, entity.id, minutes),
              }}
            >
              ± {minutes} min
            </ButtonLink>
          ))}
        </div>
      </Section>
      {(event.graph.edges ?? []).length > 0 && (
        <Section title="Who did what">
          <EventGraphView graph={event.graph} />
        </Section>
      )}
      <Section title="Entities in it">
        <ul className={styles.related}>
          {named.map((r) => (
            <li key={`${r.kind} ${r.id}`}>
              <EntityChip kind={r.kind} id={r.id} />
              <Text size={200} className={styles.quiet}>
                {" "}
                {r.column}
                {(r.roles ?? []).length > 0 && ` · ${(r.roles ?? []).join(", ")}`}
              </Text>
            </li>
          ))}
        </ul>
        {named.length === 0 && <Empty>Its columns name none.</Empty>}
      </Section>
      {rows.map((row, i) => (
        <Section
          // biome-ignore lint/suspicious/noArrayIndexKey: a table may hold several rows, and they never move
          key={i}
          title={row.table}
        >
          <dl className={styles.fields}>
            {(row.fields ?? []).map((f) => (
              <Field
                key={f.name}
                name={f.name}
                value={f.value}
                type={f.type}
                entity={named.find((r) => r.column === f.name && sameText(r.id, f.value))}
              />
            ))}
          </dl>
        </Section>
      ))}
      <RawRecord rawId={event.rawId} />
      <Text size={200} className={styles.quiet}>
        From <Untrusted>{event.sourceName}</Untrusted>, taken in {formatTicks(event.ingested)},
        record {event.rawId}
      </Text>
    </>
  );
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

interface FieldProps {
  name: string;
  value: string;
  type: string;
  /** What the value names. */
  entity?: NamedEntity;
}

function Field({ name, value, type, entity }: FieldProps) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>
        {entity ? (
          <EntityChip kind={entity.kind} id={entity.id} />
        ) : type === "datetime" ? (
          <time title={value}>{formatTicks(value)}</time>
        ) : (
          <UntrustedInFull>{value}</UntrustedInFull>
        )}
      </dd>
      <dd className={styles.value}>
        <Button
          appearance="subtle"
          size="small"
          icon={<CopyRegular />}
          aria-label={`Copy ${name}`}
          onClick={() => navigator.clipboard.writeText(value)}
        />
      </dd>
    </>
  );
}

function RawRecord({ rawId }: { rawId: string }) {
  const styles = useStyles();
  const [wanted, setWanted] = useState(false);
  const raw = useQuery({ ...rawRecordQuery(rawId), enabled: wanted });
  return (
    <Section title="Raw record">
      <div className={styles.head}>
        <Button size="small" aria-expanded={wanted} onClick={() => setWanted(!wanted)}>
          {wanted ? "Hide" : "Show as its source wrote it"}
        </Button>
        {wanted && raw.data !== undefined && (
          <Button
            size="small"
            icon={<ArrowDownloadRegular />}
            onClick={() => saveFile(`record-${rawId}.txt`, "text/plain", raw.data)}
          >
            Download
          </Button>
        )}
      </div>
      {wanted && raw.isPending && <CardSkeleton label="Loading the raw record" height={80} />}
      {wanted && raw.isError && (
        <Failure title="The raw record could not be read" error={raw.error} again={raw.refetch} />
      )}
      {wanted && raw.data !== undefined && (
        <section
          className={styles.raw}
          aria-label="As its source wrote it" // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
        >
          <UntrustedInFull>{raw.data}</UntrustedInFull>
        </section>
      )}
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <section className={styles.section} aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  );
}
