import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { allWatchesQuery, noticesQuery } from "@/api/watches";
import { Card } from "@/components/Card";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { counted, formatCount } from "@/components/numbers";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";

const shown = 8;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "8px" },
  unread: { fontWeight: 600 },
  quiet: { color: tokens.colorNeutralForeground3 },
  foot: { display: "block", marginTop: "8px", color: tokens.colorNeutralForeground3 },
});

/** What is new of what the user watches, and how much there is to be watched. */
export function WatchedCard() {
  const styles = useStyles();
  const notices = useQuery(noticesQuery);
  const watches = useQuery(allWatchesQuery);
  if (notices.isPending)
    return <CardSkeleton label="Looking at what you watch" height={160} holds />;
  if (notices.isError) {
    return (
      <Card title="Watched, with new records">
        <Failure
          title="The notices could not be read"
          error={notices.error}
          again={notices.refetch}
        />
      </Card>
    );
  }
  const news = (notices.data.items ?? []).slice(0, shown);
  const marks = watches.data?.items?.length;
  return (
    <Card
      title="Watched, with new records"
      note={`${formatCount(notices.data.unread)} unread · notices are no events: no query gives them`}
    >
      {news.length === 0 && <Empty>No record since you last looked names what you watch.</Empty>}
      <ul className={styles.list}>
        {news.map((n) => (
          <li key={n.id} className={n.read ? undefined : styles.unread}>
            <EntityChip kind={n.watch.kind} id={n.watch.entity} />
            {`: ${counted(n.records, "new record")}`}
            {n.contacts > 0 && `, ${counted(n.contacts, "contact")} among them`}, the last at{" "}
            <Moment at={n.last} to="minute" />
            <Text block size={200} className={styles.quiet}>
              watched because: <Untrusted>{n.watch.reason}</Untrusted>
            </Text>
          </li>
        ))}
      </ul>
      <Text size={200} className={styles.foot}>
        {marks === undefined || marks === 0
          ? "Nothing is watched: every page has a button for it."
          : `${counted(marks, "mark")} of all people here ${marks === 1 ? "holds" : "hold"}; a notice goes to who set the mark.`}
      </Text>
    </Card>
  );
}
