import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  type Certificate,
  type Component,
  type Cookie,
  type DNSRecord,
  footprintQuery,
  type HostPair,
  type SectionHead,
  type Service,
} from "@/api/footprint";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { EntityChip, HostChip } from "@/components/EntityChip";
import { OpenQuery } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import { compareAs, Gone, useComparedColumn } from "./comparing";
import { dataSince } from "./dataSince";
import { SubdomainsCard } from "./SubdomainsCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(2, minmax(0, 1fr))",
    gap: "12px",
    alignItems: "start",
    "@media (max-width: 1200px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  whole: { gridColumn: "1 / -1" },
  stack: { display: "grid", gap: "1px" },
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase100 },
  bad: { color: tokens.colorPaletteRedForeground1 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** Names, certificates and services, as the own logs saw them. */
export function TabDns({ view }: { view: EntityView }) {
  const styles = useStyles();
  const answer = useQuery(footprintQuery(view.scope));
  if (answer.isPending) return <CardSkeleton label="Reading names and certificates" height={360} />;
  if (answer.isError) {
    return (
      <Failure
        title="Names and certificates could not be read"
        error={answer.error}
        again={answer.refetch}
      />
    );
  }
  const page = answer.data;
  return (
    <div className={styles.cards}>
      {(page.errors ?? []).map((e) => (
        <Failure
          key={e.section}
          title={`The section “${e.section}” could not be filled`}
          error={e.reason}
        />
      ))}
      <Section
        wide
        view={view}
        table="passive-dns"
        title="Passive DNS"
        note="from own logs: answers of DNS, TLS server names, Host headers · counts of different sources are not added up"
        of={page.dns}
        columns={dnsColumns}
        list="dns"
        noun="names"
      />
      <Section
        wide
        view={view}
        table="certificates"
        title="Certificates"
        note="shown by servers in TLS handshakes"
        of={page.certificates}
        columns={certificateColumns}
        list="certificates"
        noun="certificates"
      />
      <Section
        wide
        view={view}
        table="services"
        title="Services"
        note="ports on which sessions were established"
        of={page.services}
        columns={serviceColumns}
        list="services"
        noun="services"
      />
      <Section
        view={view}
        table="host-pairs"
        title="Host pairs"
        note="which host's pages led to which host"
        of={page.hostPairs}
        columns={pairColumns}
        list="hostPairs"
        noun="host pairs"
      />
      <Section
        view={view}
        table="components"
        title="Web components"
        note="software that servers say they run"
        of={page.components}
        columns={componentColumns}
        list="components"
        noun="web components"
      />
      <Section
        view={view}
        table="cookies"
        title="Cookie names"
        note="values are never read out"
        of={page.cookies}
        columns={cookieColumns}
        list="cookies"
        noun="cookie names"
      />
      {(view.entity.kind === "domain" || view.entity.kind === "ip") && (
        <div className={styles.whole}>
          <SubdomainsCard view={view} section={page.subdomains} />
        </div>
      )}
    </div>
  );
}

interface SectionProps<T> {
  view: EntityView;
  /** Names the table on the server and in the link. */
  table: string;
  title: string;
  note?: string;
  of: SectionHead & { items: readonly T[] | null };
  columns: readonly Column<T>[];
  /** What a comparison calls the list, and all of it. */
  list: string;
  noun: string;
  /** Whether it takes the whole width. */
  wide?: boolean;
}

function Section<T extends { compareAs: string }>(props: SectionProps<T>) {
  const { view, table, title, note, of, columns, list, noun, wide = false } = props;
  const styles = useStyles();
  const which = useMemo(() => ({ part: "footprint", list }) as const, [list]);
  const compared = useComparedColumn(view, which, compareAs);
  const { items, total, query, needs } = of;
  const shown = items ?? [];
  return (
    <div className={wide ? styles.whole : undefined}>
      <Card title={title} count={total} note={note} query={query}>
        {shown.length === 0 ? (
          <Empty>
            Nothing in this period. It is filled by {needs}.{" "}
            {dataSince(view.page.coverage, (c) => needs.includes(c.sourceKind))}
          </Empty>
        ) : (
          <>
            <PickedTable
              table={table}
              label={title}
              columns={columns}
              before={compared}
              rows={shown}
              maxHeight={320}
            />
            {total > shown.length && (
              <Text size={200} className={styles.quiet}>
                {formatCount(shown.length)} of {formatCount(total)}; the query has all.
              </Text>
            )}
          </>
        )}
        <Gone view={view} which={which} noun={noun} />
      </Card>
    </div>
  );
}

const times = <T extends { first: string; last: string }>(): Column<T>[] => [
  { id: "first", header: "First", minWidth: 112, cell: (r) => <Moment at={r.first} /> },
  { id: "last", header: "Last", minWidth: 112, cell: (r) => <Moment at={r.last} /> },
];

const records = <T extends { records: number }>(header = "Records"): Column<T> => ({
  id: "records",
  header,
  numeric: true,
  cell: (r) => formatCount(r.records),
});

const bySource = <T extends Pick<Service, "bySource">>(): Column<T> => ({
  id: "records",
  header: "Records",
  minWidth: 110,
  cell: (r) => (
    <Lines of={(r.bySource ?? []).map((c) => `${formatCount(c.records)} ${c.sourceKind}`)} />
  ),
});

const vias = { dns: "DNS answer", tls: "TLS server name", http: "HTTP Host" } as const;

const dnsColumns: Column<DNSRecord>[] = [
  { id: "name", header: "Name", minWidth: 150, cell: (r) => <Name>{r.rrname}</Name> },
  { id: "type", header: "Type", cell: (r) => r.rrtype },
  {
    id: "data",
    header: "Data",
    minWidth: 118,
    cell: (r) =>
      r.rrtype === "A" || r.rrtype === "AAAA" ? (
        <EntityChip kind="ip" id={r.rdata} />
      ) : (
        <HostChip host={r.rdata} />
      ),
  },
  { id: "via", header: "Seen as", cell: (r) => vias[r.via] },
  { id: "source", header: "Source kind", cell: (r) => r.source },
  { id: "first", header: "First", minWidth: 112, cell: (r) => <Moment at={r.firstSeen} /> },
  { id: "last", header: "Last", minWidth: 112, cell: (r) => <Moment at={r.lastSeen} /> },
  { id: "count", header: "Records", numeric: true, cell: (r) => formatCount(r.count) },
];

const certificateColumns: Column<Certificate>[] = [
  { id: "subject", header: "Subject", minWidth: 200, cell: (c) => <Plain>{c.subject}</Plain> },
  {
    id: "issuer",
    header: "Issuer",
    minWidth: 160,
    cell: (c) => (
      <>
        {c.selfSigned ? "itself (self-signed)" : <Plain>{c.issuer}</Plain>}
        {c.byIssuer && <OpenQuery query={c.byIssuer} of={`certificates issued by ${c.issuer}`} />}
      </>
    ),
  },
  { id: "validity", header: "Valid", minWidth: 150, cell: (c) => <Validity of={c} /> },
  { id: "servers", header: "Servers", minWidth: 130, cell: (c) => <Hosts of={c.servers} /> },
  ...times<Certificate>(),
  records("Handshakes"),
  { id: "names", header: "Alternative names", cell: (c) => <Hosts of={c.names} /> },
  {
    id: "serial",
    header: "Serial",
    minWidth: 120,
    cell: (c) => (
      <>
        <Code>{c.serial}</Code>
        {c.bySerial && (
          <OpenQuery query={c.bySerial} of={`certificates with the serial ${c.serial}`} />
        )}
      </>
    ),
  },
  {
    id: "fingerprint",
    header: "Fingerprint",
    minWidth: 130,
    cell: (c) =>
      /^[0-9a-f]{40,64}$/.test(c.fingerprint) ? (
        <EntityChip kind="hash" id={c.fingerprint}>
          <Code>{`${c.fingerprint.slice(0, 16)}…`}</Code>
        </EntityChip>
      ) : (
        <Code>{c.fingerprint}</Code>
      ),
  },
];

const serviceColumns: Column<Service>[] = [
  {
    id: "address",
    header: "Address",
    minWidth: 118,
    cell: (s) => <EntityChip kind="ip" id={s.address} />,
  },
  { id: "port", header: "Port", numeric: true, cell: (s) => `${s.port} ${s.protocol}` },
  { id: "services", header: "Service", cell: (s) => <Lines of={s.services} /> },
  { id: "banners", header: "Banner", cell: (s) => <Lines of={s.banners} /> },
  { id: "clients", header: "Clients", numeric: true, cell: (s) => formatCount(s.clients) },
  ...times<Service>(),
  bySource(),
];

const pairColumns: Column<HostPair>[] = [
  { id: "parent", header: "From", minWidth: 130, cell: (p) => <HostChip host={p.parent} /> },
  { id: "child", header: "To", minWidth: 130, cell: (p) => <HostChip host={p.child} /> },
  { id: "cause", header: "By", cell: (p) => p.cause },
  ...times<HostPair>(),
  records(),
];

const componentColumns: Column<Component>[] = [
  { id: "name", header: "Software", cell: (c) => <Plain>{c.name}</Plain> },
  { id: "header", header: "Read from", minWidth: 110, cell: (c) => <Plain>{c.header}</Plain> },
  { id: "server", header: "Server", minWidth: 126, cell: (c) => <HostChip host={c.server} /> },
  ...times<Component>(),
  records(),
];

const cookieColumns: Column<Cookie>[] = [
  { id: "host", header: "Host", minWidth: 130, cell: (c) => <HostChip host={c.host} /> },
  { id: "name", header: "Cookie", cell: (c) => <Plain>{c.name}</Plain> },
  ...times<Cookie>(),
  records(),
];

function Validity({ of: { notBefore, notAfter, expired } }: { of: Certificate }) {
  const styles = useStyles();
  if (notBefore == null && notAfter == null) return "not in the logs";
  return (
    <span className={styles.stack}>
      <span>{`${notBefore ? formatDay(notBefore) : "?"} – ${notAfter ? formatDay(notAfter) : "?"}`}</span>
      {expired && <span className={styles.bad}>expired when last shown</span>}
    </span>
  );
}

function Name({ children }: { children: string }) {
  return <EntityChip kind="domain" id={children} />;
}

function Plain({ children }: { children: string }) {
  return children === "" ? "–" : <Untrusted>{children}</Untrusted>;
}

function Code({ children }: { children: string }) {
  const styles = useStyles();
  return (
    <span className={styles.code}>
      <Untrusted>{children || "–"}</Untrusted>
    </span>
  );
}

function Hosts({ of }: { of: string[] | null }) {
  const styles = useStyles();
  if (!of?.length) return "–";
  return (
    <span className={styles.stack}>
      {of.map((host) => (
        <HostChip key={host} host={host} />
      ))}
    </span>
  );
}

function Lines({ of }: { of: string[] | null }) {
  const styles = useStyles();
  if (!of?.length) return "–";
  return (
    <span className={styles.stack}>
      {of.map((text) => (
        <Untrusted key={text}>{text}</Untrusted>
      ))}
    </span>
  );
}
