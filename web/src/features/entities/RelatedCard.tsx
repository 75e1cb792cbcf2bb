import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { type RelatedAsk, type RelatedBy, type RelatedGroup, relatedQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import { EntityChip } from "@/components/EntityChip";
import { OpenQuery } from "@/components/links";
import { formatCount } from "@/components/numbers";
import { CardSkeleton, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { Gone, NotCompared, StateBadge, useCompared } from "./comparing";
import { NothingHere } from "./NothingHere";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  groups: { display: "grid", gap: "8px" },
  head: { display: "flex", alignItems: "center", gap: "6px" },
  list: {
    display: "flex",
    flexWrap: "wrap",
    gap: "2px 12px",
    listStyleType: "none",
    margin: 0,
    padding: 0,
    fontSize: tokens.fontSizeBase200,
  },
  quiet: { color: tokens.colorNeutralForeground3 },
});

const titles: Record<RelatedBy, string> = {
  process: "What else those processes touched",
  shown: "Same name, fingerprint, certificate or user agent",
  neighbours: "Neighbours seen here",
};

/** What an empty card says; shown is how many things of the address others were asked for. */
const empties: Record<RelatedBy, (shown: number) => string> = {
  process: (shown) =>
    shown === 0
      ? "No host says which running process dealt with it."
      : shown === 1
        ? "The one process that dealt with it touched no other address in this period."
        : `The ${formatCount(shown)} processes that dealt with it touched no other address in this period.`,
  shown: (shown) =>
    shown === 0
      ? "Its connections show no SNI, JA3, certificate or user agent."
      : `Nothing that its connections show (${formatCount(shown)} of SNI, JA3, certificate and user agent) is seen elsewhere.`,
  neighbours: () => "No other address of its prefix or ASN is seen in this period.",
};

const relatedCompared = {
  process: { part: "related", list: "process" },
  shown: { part: "related", list: "shown" },
} as const;

const byNames: Record<RelatedGroup["by"], string> = {
  process: "process",
  sni: "SNI",
  ja3: "JA3",
  certificate: "certificate",
  userAgent: "user agent",
  prefix: "prefix",
  asn: "ASN",
};

/** Other addresses that share something with this one. */
export function RelatedCard({ view, by }: { view: EntityView; by: RelatedBy }) {
  const styles = useStyles();
  const answer = useQuery(relatedQuery(view.scope, by));
  if (answer.isPending) return <CardSkeleton label={titles[by]} height={110} holds />;
  if (answer.isError) {
    return (
      <Card title={titles[by]}>
        <Failure title="It could not be looked up" error={answer.error} again={answer.refetch} />
      </Card>
    );
  }
  const groups = answer.data.groups ?? [];
  return (
    <Card title={titles[by]}>
      {groups.length === 0 && <Nothing view={view} by={by} asked={answer.data.asked ?? []} />}
      <div className={styles.groups}>
        {groups.map((group) => (
          <Group key={`${group.by} ${group.value}`} view={view} by={by} group={group} />
        ))}
      </div>
      {by === "neighbours" ? (
        <NotCompared view={view}>the pages of prefix and AS compare their addresses.</NotCompared>
      ) : (
        <Gone
          view={view}
          which={relatedCompared[by]}
          noun="addresses, each beside what it shares,"
        />
      )}
    </Card>
  );
}

interface NothingProps {
  view: EntityView;
  by: RelatedBy;
  asked: readonly RelatedAsk[];
}

/** What was looked for in vain, with the query of each sort. */
function Nothing({ view, by, asked }: NothingProps) {
  const styles = useStyles();
  return (
    <>
      <NothingHere view={view} of="connections">
        {empties[by](asked.reduce((sum, a) => sum + a.of, 0))}
      </NothingHere>
      <span className={styles.list}>
        {asked.map((a) => (
          <span key={a.by} className={styles.head}>
            {byNames[a.by]}
            <OpenQuery query={a.query} of={`others with the same ${byNames[a.by]}`} />
          </span>
        ))}
      </span>
    </>
  );
}

/** What is shared; the addresses of a prefix or an AS have a page together. */
function Shared({ by, value }: { by: RelatedGroup["by"]; value: string }) {
  if (by === "prefix") return <EntityChip kind="cidr" id={value} />;
  const [number = "", ...org] = value.split(" ");
  if (by !== "asn") return <Untrusted>{value}</Untrusted>;
  return (
    <>
      <EntityChip kind="asn" id={number} /> <Untrusted>{org.join(" ")}</Untrusted>
    </>
  );
}

interface GroupProps {
  view: EntityView;
  by: RelatedBy;
  group: RelatedGroup;
}

function Group({ view, by, group }: GroupProps) {
  const styles = useStyles();
  const compared = useCompared(view, relatedCompared[by === "neighbours" ? "shown" : by]);
  const items = group.items ?? [];
  return (
    <div>
      <div className={styles.head}>
        <Text size={200}>
          <span className={styles.quiet}>{byNames[group.by]}</span>{" "}
          <b>
            <Shared by={group.by} value={group.value} />
          </b>{" "}
          <span className={styles.quiet}>
            {formatCount(group.total)} other {group.total === 1 ? "address" : "addresses"}
          </span>
        </Text>
        <OpenQuery query={group.query} of={`${byNames[group.by]} ${group.value}`} />
      </div>
      <ul className={styles.list}>
        {items.slice(0, 8).map((item) => (
          <li key={item.address}>
            <EntityChip kind="ip" id={item.address} />{" "}
            <span className={styles.quiet}>{formatCount(item.records)}</span>{" "}
            {compared && item.compareAs !== undefined && (
              <StateBadge compared={compared(item.compareAs)} />
            )}
          </li>
        ))}
        {group.total > 8 && (
          <li className={styles.quiet}>and {formatCount(group.total - 8)} more</li>
        )}
      </ul>
    </div>
  );
}
