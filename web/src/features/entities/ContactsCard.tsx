import { Badge, Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Contact, type ContactProcess, contactsQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import { EntityChip, HostChip } from "@/components/EntityChip";
import { hostKind } from "@/components/hostKind";
import { OpenQuery } from "@/components/links";
import { Moment } from "@/components/Moment";
import { counted, formatCount } from "@/components/numbers";
import { CardSkeleton, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { Aftermath } from "./Aftermath";
import { Gone, StateBadge, useCompared } from "./comparing";
import type { Compared } from "./differences";
import { NothingHere } from "./NothingHere";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  ladder: { listStyleType: "none", margin: 0, padding: 0 },
  rung: {
    display: "grid",
    gridTemplateColumns: "22px minmax(0, 1fr)",
    columnGap: "8px",
    paddingBottom: "10px",
  },
  rank: {
    display: "grid",
    placeItems: "center",
    width: "20px",
    height: "20px",
    borderRadius: tokens.borderRadiusCircular,
    fontSize: tokens.fontSizeBase100,
    fontWeight: 700,
    color: tokens.colorNeutralForegroundOnBrand,
    backgroundColor: tokens.colorBrandBackground,
  },
  head: { display: "flex", flexWrap: "wrap", alignItems: "baseline", gap: "2px 10px" },
  time: { fontVariantNumeric: "tabular-nums" },
  quiet: { color: tokens.colorNeutralForeground3 },
  story: { minWidth: 0 },
  lines: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "2px",
    marginTop: "2px",
    fontSize: tokens.fontSizeBase200,
  },
  command: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase100,
    color: tokens.colorNeutralForeground2,
    whiteSpace: "nowrap",
    overflow: "hidden",
    textOverflow: "ellipsis",
  },
  next: { marginTop: "4px" },
});

const devicesCompared = { part: "page", list: "devices" } as const;

/** Who was in contact with the address, in order: the infection ladder. */
export function ContactsCard({ view }: { view: EntityView }) {
  const styles = useStyles();
  const answer = useQuery(contactsQuery(view.scope));
  const compared = useCompared(view, devicesCompared);
  if (answer.isPending) return <CardSkeleton label="First contacts" height={220} holds />;
  if (answer.isError) {
    return (
      <Card title="First contacts">
        <Failure
          title="The first contacts could not be read"
          error={answer.error}
          again={answer.refetch}
        />
      </Card>
    );
  }
  const { items, total, tried, query, filesQuery } = answer.data;
  const shown = items ?? [];
  const note = [
    "established or permitted, in order",
    tried > 0 && `${formatCount(tried)} more tried without success`,
    shown.length < total && `the first ${formatCount(shown.length)} shown`,
  ];
  return (
    <Card
      title="First contacts"
      count={total}
      note={note.filter(Boolean).join(" · ")}
      query={query}
    >
      {total === 0 && (
        <NothingHere view={view} of="connections">
          No own host was in contact with it in this period.
        </NothingHere>
      )}
      <ol className={styles.ladder}>
        {shown.map((contact, i) => (
          <Rung
            key={`${contact.deviceId} ${contact.address} ${contact.site}`}
            rank={i + 1}
            contact={contact}
            compared={compared?.(contact.compareAs)}
            filesQuery={filesQuery}
          />
        ))}
      </ol>
      <Gone view={view} which={devicesCompared} noun="devices" kind="device" />
    </Card>
  );
}

function Rung({
  rank,
  contact,
  compared,
  filesQuery,
}: {
  rank: number;
  contact: Contact;
  compared: Compared | undefined;
  filesQuery: string;
}) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const name = contact.deviceName;
  const processes = contact.processes ?? [];
  const files = contact.files ?? [];
  const names = contact.names ?? [];
  return (
    <li className={styles.rung}>
      <span className={styles.rank} aria-hidden>
        {rank}
      </span>
      <div className={styles.story}>
        <div className={styles.head}>
          {name ? (
            <EntityChip kind="device" id={name} />
          ) : (
            <EntityChip kind="ip" id={contact.address ?? ""} />
          )}
          {compared && <StateBadge compared={compared} />}
          <Text size={200} className={styles.time}>
            <Moment at={contact.firstContact} />
          </Text>
          {name && contact.address && (
            <Text size={200}>
              <EntityChip kind="ip" id={contact.address} />
            </Text>
          )}
          {contact.with && contact.with !== contact.address && (
            <Text size={200} className={styles.quiet}>
              with <EntityChip kind="ip" id={contact.with} />
            </Text>
          )}
          {!contact.hostSensor && (
            <Badge
              appearance="outline"
              color="warning"
              title="No process is known: nothing on the host reports"
            >
              no host sensor
            </Badge>
          )}
        </div>
        <div className={styles.lines}>
          {files.map((f) => (
            <span key={f.rawId}>
              <Badge appearance="tint" color="danger">
                file
              </Badge>{" "}
              <Untrusted>{f.path || f.name}</Untrusted>
              {f.url && (
                <span className={styles.quiet}>
                  {" "}
                  from <EntityChip kind="url" id={f.url} />
                </span>
              )}{" "}
              <OpenQuery query={filesQuery} of={`files from it on ${name}`} />
            </span>
          ))}
          {names.slice(0, 5).map((n) => (
            <span key={n.name}>
              <Badge appearance="tint" color="informative">
                {hostKind(n.name) === "url" ? "URL" : "name"}
              </Badge>{" "}
              <HostChip host={n.name} />{" "}
              <span className={styles.quiet}>{counted(n.records, "record")}</span>
            </span>
          ))}
          {names.length > 5 && (
            <span className={styles.quiet}>and {formatCount(names.length - 5)} more names</span>
          )}
          {processes.map((p) => (
            <ProcessLine key={p.rawId} process={p} />
          ))}
        </div>
        {name && (
          <div className={styles.next}>
            <Button
              size="small"
              appearance="subtle"
              icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              <span>
                What happened next on <Untrusted oneLine>{name}</Untrusted>
              </span>
            </Button>
            {open && <Aftermath device={name} at={contact.firstContact} site={contact.site} />}
          </div>
        )}
      </div>
    </li>
  );
}

function ProcessLine({ process }: { process: ContactProcess }) {
  const styles = useStyles();
  const ports = (process.ports ?? []).map((port) => `:${port}`).join(" ");
  return (
    <span>
      <b>
        <Untrusted>{process.name}</Untrusted>
      </b>{" "}
      <span className={styles.quiet}>
        {process.parent && (
          <>
            started by <Untrusted>{process.parent}</Untrusted> ·{" "}
          </>
        )}
        {process.account && (
          <>
            <EntityChip kind="account" id={process.account} /> ·{" "}
          </>
        )}
        <Moment at={process.first} /> · {formatCount(process.records)} {process.sourceKind} ·{" "}
        {ports}
      </span>
      {process.commandLine && (
        <div className={styles.command} title={process.commandLine}>
          <Untrusted oneLine>{process.commandLine}</Untrusted>
        </div>
      )}
    </span>
  );
}
