import { makeStyles, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { namesQuery, type ServerName } from "@/api/entities";
import { EntityChip } from "@/components/EntityChip";
import { holding } from "@/components/inOrder";
import { OpenQuery } from "@/components/links";
import { formatCount } from "@/components/numbers";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { StateBadge, useCompared } from "./comparing";
import { NameFact } from "./NameFact";
import type { EntityView } from "./view";

const shownNames = 5;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "4px" },
  foot: { display: "flex", alignItems: "center", gap: "6px", marginTop: "2px" },
});

const namesCompared = { part: "flows", list: "names" } as const;

/** The names that own DNS, TLS and HTTP logs gave the address, the latest first. */
export function NamesSeen({ view }: { view: EntityView }) {
  const styles = useStyles();
  const names = useQuery(namesQuery(view.scope));
  const compared = useCompared(view, namesCompared);
  if (names.isPending) return <span {...holding}>reading …</span>;
  if (names.isError) {
    return <Untrusted>{`They could not be read: ${names.error.message}`}</Untrusted>;
  }
  const { items, total, query, needs } = names.data;
  if (total === 0) {
    return (
      <Text size={200} title={`Filled by ${needs}`}>
        none in this period
      </Text>
    );
  }
  return (
    <>
      <ul className={styles.list}>
        {(items ?? []).slice(0, shownNames).map((n) => (
          <li key={n.name}>
            <EntityChip kind="domain" id={n.name} />{" "}
            {compared && <StateBadge compared={compared(n.name)} />}
            <NameFact first={n.first} last={n.last} counts={countsOf(n)} />
          </li>
        ))}
      </ul>
      <div className={styles.foot}>
        <TextButton link onClick={() => view.update({ tab: "dns" })}>
          {total > shownNames ? `All ${formatCount(total)} names` : "More of them"}
        </TextButton>
        <OpenQuery query={query} of="names in answers of DNS" />
      </div>
    </>
  );
}

const vias = { dns: "DNS", tls: "TLS", http: "HTTP" } as const;

function countsOf({ bySource }: ServerName): string {
  return (bySource ?? [])
    .map((s) => `${formatCount(s.records)} ${vias[s.via]} (${s.source})`)
    .join(" · ");
}
