import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import type { Source } from "@/api/entities";
import { Card } from "@/components/Card";
import { OpenQuery } from "@/components/links";
import { Moment } from "@/components/Moment";
import { counted, formatCount } from "@/components/numbers";
import { Untrusted } from "@/components/Untrusted";
import { Gone, StateBadge } from "./comparing";
import type { Compared } from "./differences";
import { NothingHere } from "./NothingHere";
import type { EntityView } from "./view";

const shownAtFirst = 10;

const useStyles = makeStyles({
  list: { display: "grid", gap: "8px", listStyleType: "none", margin: 0, padding: 0 },
  item: { display: "grid", fontSize: tokens.fontSizeBase200, lineHeight: "18px" },
  head: { display: "flex", alignItems: "center", gap: "6px" },
  count: { whiteSpace: "nowrap" },
  push: { marginLeft: "auto" },
  quiet: { color: tokens.colorNeutralForeground3 },
  mentions: { marginTop: "12px", fontSize: tokens.fontSizeBase200, lineHeight: "18px" },
});

export const sourcesCompared = { part: "page", list: "sources" } as const;

interface SourcesCardProps {
  view: EntityView;
  sources: readonly Source[];
  /** Whether the numbers are of all time, and not of the page's period. */
  allTime: boolean;
  /** How each kind stands against what the page is compared with. */
  compared?: (kind: string) => Compared | undefined;
  /** The kinds that recorded something in the period, but nothing of it. */
  silent: readonly string[];
}

/** What each kind of source recorded; the numbers stand side by side and are never added up. */
export function SourcesCard(props: SourcesCardProps) {
  const { view, sources, allTime, compared, silent } = props;
  const styles = useStyles();
  const [all, setAll] = useState(false);
  const recorded = sources.filter((s) => s.records > 0);
  const mentions = sources.filter((s) => s.mentioned > 0);
  const shown = all ? recorded : recorded.slice(0, shownAtFirst);
  return (
    <Card
      title="Log activity"
      note={allTime ? "of all time, by source kind" : "of this period, by source kind"}
    >
      {sources.length === 0 && (
        <NothingHere view={view} of="anything">
          No record names it.
        </NothingHere>
      )}
      <ul className={styles.list}>
        {shown.map((source) => (
          <Activity
            key={source.sourceKind}
            source={source}
            compared={compared?.(source.sourceKind)}
          />
        ))}
      </ul>
      {recorded.length > shownAtFirst && (
        <Button size="small" appearance="subtle" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${recorded.length} source kinds`}
        </Button>
      )}
      {mentions.length > 0 && <Mentions sources={mentions} />}
      {silent.length > 0 && <Silent kinds={silent} />}
      <Gone view={view} which={sourcesCompared} noun="source kinds" />
    </Card>
  );
}

function Activity({ source, compared }: { source: Source; compared: Compared | undefined }) {
  const styles = useStyles();
  const directed = source.asSource + source.asDestination > 0;
  return (
    <li className={styles.item}>
      <span className={styles.head}>
        <b>
          <Untrusted>{source.sourceKind}</Untrusted>
        </b>
        <span className={styles.count}>{counted(source.records, "record")}</span>
        {compared && <StateBadge compared={compared} />}
        <span className={styles.push} />
        {source.query && <OpenQuery query={source.query} of={source.sourceKind} />}
      </span>
      {source.first && source.last && (
        <span className={styles.quiet}>
          <Moment at={source.first} to="minute" /> – <Moment at={source.last} to="minute" />
        </span>
      )}
      {source.takenIn && (
        <span className={styles.quiet}>
          its log was last taken in <Moment at={source.takenIn} to="minute" />
        </span>
      )}
      <span className={styles.quiet}>
        {[
          directed && `${formatCount(source.asSource)} as source`,
          directed && `${formatCount(source.asDestination)} as destination`,
          source.hosts > 0 && counted(source.hosts, "host"),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
      {source.clockNote && <Text size={200}>{source.clockNote}</Text>}
    </li>
  );
}

/** The kinds that had something to say in the period, and nothing of it. */
function Silent({ kinds }: { kinds: readonly string[] }) {
  const styles = useStyles();
  return (
    <details className={styles.mentions}>
      <summary>
        {counted(kinds.length, "source kind")} with records in this period, none of it
      </summary>
      <div className={styles.quiet}>
        <Untrusted>{kinds.join(" · ")}</Untrusted>
      </div>
    </details>
  );
}

/** Records in whose text it stands; these are no sightings, for it may be a version number. */
function Mentions({ sources }: { sources: readonly Source[] }) {
  const styles = useStyles();
  const counts = sources.map((s) => `${s.sourceKind} ${formatCount(s.mentioned)}`);
  return (
    <div className={styles.mentions}>
      <b>Only mentioned in some text</b>
      <div className={styles.quiet}>
        <Untrusted>{counts.join(" · ")}</Untrusted>
      </div>
    </div>
  );
}
