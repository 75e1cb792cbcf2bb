import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { TimelineItem } from "@/api/timeline";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { Untrusted } from "@/components/Untrusted";
import { OutcomeWord, RoleWord } from "./TimelineWords";

const useStyles = makeStyles({
  time: { fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** A column of the grid of records. */
export interface TimelineColumn extends Column<TimelineItem> {
  /** Its track in the grid, and how narrow that may be, in pixels. */
  track: string;
  min: number;
  /** Whether it holds a row of words and not a text. */
  words?: boolean;
}

/** A column that shares the width that is left; grow is its part. */
function flexible(
  id: string,
  header: string,
  cell: TimelineColumn["cell"],
  min = 90,
  grow = 1,
): TimelineColumn {
  return { id, header, cell, min, track: `minmax(${min}px, ${grow}fr)` };
}

const plain = (text: string | undefined) => (
  <span title={text}>
    <Untrusted oneLine>{text ?? ""}</Untrusted>
  </span>
);

/** All that can be shown of a record in a line. */
export const timelineColumns: readonly TimelineColumn[] = [
  { id: "time", header: "Time", min: 124, track: "124px", cell: (i) => <When item={i} /> },
  {
    id: "role",
    header: "Role",
    min: 152,
    track: "152px",
    words: true,
    cell: (i) => (i.roles ?? []).map((role) => <RoleWord key={role} role={role} />),
  },
  {
    id: "outcome",
    header: "Outcome",
    min: 92,
    track: "92px",
    words: true,
    cell: (i) => i.outcome && <OutcomeWord outcome={i.outcome} />,
  },
  flexible(
    "what",
    "What happened",
    (i) => plain(i.summary || i.commandLine || i.file || i.process || i.table),
    180,
    4,
  ),
  flexible("device", "Device", (i) => <Device item={i} />),
  flexible("source", "Source", (i) => <Source item={i} />),
  flexible("process", "Process", (i) => plain(i.process)),
  flexible("commandLine", "Command line", (i) => plain(i.commandLine), 140, 2),
  flexible("account", "Account", (i) =>
    i.account ? <EntityChip kind="account" id={i.account} oneLine /> : "",
  ),
  flexible("file", "File", (i) => plain(i.file)),
  flexible("peer", "Other end", (i) =>
    i.peer ? <EntityChip kind="ip" id={i.peer} oneLine /> : "",
  ),
  { id: "port", header: "Port", min: 52, track: "52px", cell: (i) => i.port || "" },
  flexible("action", "Action", (i) => plain(i.actionType), 110),
  flexible("table", "Table", (i) => plain(i.table), 110),
  flexible("site", "Site", (i) => plain(i.site), 60),
];

/** What is shown when nothing else is asked for. */
export const usualTimelineColumns = ["time", "role", "outcome", "what", "device", "source"];

function When({ item }: { item: TimelineItem }) {
  const styles = useStyles();
  return (
    <span className={styles.time}>
      <Moment at={item.time} />
    </span>
  );
}

function Device({ item: { device } }: { item: TimelineItem }) {
  const styles = useStyles();
  if (device) return <EntityChip kind="device" id={device} oneLine />;
  return (
    <Text size={200} className={styles.quiet}>
      names none
    </Text>
  );
}

function Source({ item: { sourceKind, table } }: { item: TimelineItem }) {
  return (
    <span title={table}>
      <Untrusted oneLine>{sourceKind}</Untrusted>
    </span>
  );
}
