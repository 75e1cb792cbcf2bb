import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { Source } from "@/api/entities";
import { Card } from "@/components/Card";
import { OpenQuery } from "@/components/links";
import { formatCount } from "@/components/numbers";
import { Empty } from "@/components/states";
import { formatMinute } from "@/time/format";

const useStyles = makeStyles({
  list: { display: "grid", gap: "8px", listStyleType: "none", margin: 0, padding: 0 },
  item: { display: "grid", fontSize: tokens.fontSizeBase200, lineHeight: "18px" },
  head: { display: "flex", alignItems: "center", gap: "6px" },
  push: { marginLeft: "auto" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface SourcesCardProps {
  sources: readonly Source[];
  /** Whether the numbers are of all time, and not of the page's period. */
  allTime: boolean;
}

/** What each kind of source recorded; the numbers stand side by side and are never added up. */
export function SourcesCard({ sources, allTime }: SourcesCardProps) {
  const styles = useStyles();
  return (
    <Card
      title="Log activity"
      note={allTime ? "of all time, by source kind" : "of this period, by source kind"}
    >
      {sources.length === 0 && <Empty>No record names it.</Empty>}
      <ul className={styles.list}>
        {sources.map((source) => (
          <Activity key={source.sourceKind} source={source} />
        ))}
      </ul>
    </Card>
  );
}

function Activity({ source }: { source: Source }) {
  const styles = useStyles();
  return (
    <li className={styles.item}>
      <span className={styles.head}>
        <b>{source.sourceKind}</b>
        <span>{formatCount(source.records)} records</span>
        <span className={styles.push} />
        {source.query && <OpenQuery query={source.query} of={source.sourceKind} />}
      </span>
      <span className={styles.quiet}>{extent(source)}</span>
      {source.records > 0 && (
        <span className={styles.quiet}>
          {formatCount(source.asSource)} as source · {formatCount(source.asDestination)} as
          destination · {formatCount(source.hosts)} {source.hosts === 1 ? "host" : "hosts"}
        </span>
      )}
      {source.mentioned > 0 && (
        <span className={styles.quiet}>
          only mentioned in {formatCount(source.mentioned)} more records
        </span>
      )}
      {source.clockNote && <Text size={200}>{source.clockNote}</Text>}
    </li>
  );
}

function extent({ records, first, last, lastEver }: Source): string {
  if (first && last) return `${formatMinute(first)} – ${formatMinute(last)}`;
  if (records === 0 && lastEver) return `none in this period; last ${formatMinute(lastEver)}`;
  return "none in this period";
}
