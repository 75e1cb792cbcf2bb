import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { Subdomain, SubdomainSection } from "@/api/footprint";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { Empty } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import { Gone, useComparedColumn } from "./comparing";
import { dataSince } from "./dataSince";
import { belowWhat, certificatesOf, seenHere, subdomainCounts } from "./subdomains";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  stack: { display: "grid", gap: "1px" },
  quiet: { color: tokens.colorNeutralForeground3 },
  hint: { display: "block", marginTop: "8px", color: tokens.colorNeutralForeground3 },
});

/**
 * The names below a domain, or below the domains that an address's names lie in: those that own
 * logs saw, and those that stand in certificate transparency, which is no sighting.
 */
export function SubdomainsCard({ view, section }: { view: EntityView; section: SubdomainSection }) {
  const styles = useStyles();
  const domain = view.entity.kind === "domain";
  const title = domain ? "Subdomains" : "Names under its domains";
  const items = section.items ?? [];
  const compared = useComparedColumn(view, compare, nameOf);
  return (
    <Card title={title} count={section.total} note={subdomainCounts(section)} query={section.query}>
      {items.length === 0 ? (
        <Empty>
          {section.parents?.length === 0
            ? "No name of it is known in this period, so there is no domain to look below."
            : "Nothing in this period."}{" "}
          It is filled by {section.needs}.{" "}
          {dataSince(view.page.coverage, (c) => /dns|ssl|tls|http|sysmon\.22/.test(c.sourceKind))}
        </Empty>
      ) : (
        <PickedTable
          table="subdomains"
          label={title}
          columns={columns}
          before={compared}
          rows={items}
          maxHeight={320}
        />
      )}
      {!domain && items.length > 0 && (
        <Text size={200} className={styles.hint}>
          <Untrusted>{belowWhat(section)}</Untrusted>
        </Text>
      )}
      {section.names > items.length && (
        <Text size={200} className={styles.hint}>
          {formatCount(items.length)} of {formatCount(section.names)}; the query has all that own
          logs saw.
        </Text>
      )}
      <Imported section={section} />
      <Gone view={view} which={compare} noun="names below" kind="domain" />
    </Card>
  );
}

/** The names that own logs saw; the comparison knows no other. */
const compare = { part: "footprint", list: "subdomains" } as const;
const nameOf = (s: Subdomain) => s.name;

/** What certificate transparency has to say, when that is nothing. */
function Imported({ section }: { section: SubdomainSection }) {
  const styles = useStyles();
  if (section.files === 0) {
    return (
      <Text size={200} className={styles.hint}>
        No certificate transparency is imported: <code>spoor transparency import FILE…</code> reads
        what crt.sh answers to <code>?q=%25.DOMAIN&amp;output=json</code>, and adds names in
        certificates.
      </Text>
    );
  }
  if (section.logged + section.wildcards > 0 || section.parents?.length === 0) return null;
  return (
    <Text size={200} className={styles.hint}>
      {section.files === 1
        ? "The one imported file of certificate transparency has"
        : `The ${formatCount(section.files)} imported files of certificate transparency have`}{" "}
      no name below.
    </Text>
  );
}

const columns: Column<Subdomain>[] = [
  { id: "name", header: "Name", minWidth: 150, cell: (s) => <Name of={s} /> },
  { id: "seen", header: "In own logs", minWidth: 110, cell: (s) => <Seen of={s} /> },
  {
    id: "first",
    header: "First",
    minWidth: 112,
    cell: (s) => (s.first ? <Moment at={s.first} /> : "–"),
  },
  {
    id: "last",
    header: "Last",
    minWidth: 112,
    cell: (s) => (s.last ? <Moment at={s.last} /> : "–"),
  },
  { id: "certificates", header: "Certificates", minWidth: 220, cell: (s) => <Logged of={s} /> },
];

function Name({ of }: { of: Subdomain }) {
  if (!of.name.startsWith("*.")) return <EntityChip kind="domain" id={of.name} />;
  return (
    <>
      *.
      <EntityChip kind="domain" id={of.name.slice(2)} />
    </>
  );
}

function Seen({ of }: { of: Subdomain }) {
  const styles = useStyles();
  switch (seenHere(of)) {
    case "seen":
      return (
        <span className={styles.stack}>
          {(of.bySource ?? []).map((c) => (
            <span key={c.sourceKind}>
              {formatCount(c.records)} {c.sourceKind}
            </span>
          ))}
        </span>
      );
    case "before":
      return (
        <span className={styles.quiet}>
          not in this period; last seen {of.lastEver && <Moment at={of.lastEver} to="minute" />}
        </span>
      );
    case "wildcard":
      return <span className={styles.quiet}>a wildcard, no name</span>;
    case "never":
      return <span className={styles.quiet}>not seen here</span>;
  }
}

function Logged({ of }: { of: Subdomain }) {
  const styles = useStyles();
  const logged = of.logged ?? [];
  if (logged.length === 0) return "–";
  return (
    <span className={styles.stack}>
      {logged.map((n) => (
        <span key={n.file} className={styles.stack}>
          {certificatesOf(n)}
          <Text size={100} className={styles.quiet}>
            certificate transparency, <Untrusted>{n.file}</Untrusted> of {formatDay(n.imported)}
          </Text>
          {(n.issuers ?? []).map((issuer) => (
            <Text key={issuer} size={100} className={styles.quiet}>
              <Untrusted>{issuer}</Untrusted>
            </Text>
          ))}
        </span>
      ))}
    </span>
  );
}
