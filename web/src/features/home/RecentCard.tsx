import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { recentQuery } from "@/api/home";
import { Card } from "@/components/Card";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { CardSkeleton, Empty, Failure } from "@/components/states";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "4px" },
  line: { display: "flex", flexWrap: "wrap", alignItems: "baseline", gap: "0 10px" },
  quiet: { marginLeft: "auto", color: tokens.colorNeutralForeground3 },
});

/** The pages that the user looked at lately, as the audit log has them. */
export function RecentCard() {
  const styles = useStyles();
  const answer = useQuery(recentQuery);
  if (answer.isPending)
    return <CardSkeleton label="Looking at your latest pages" height={160} holds />;
  const items = answer.data?.items ?? [];
  return (
    <Card
      title="Where you were lately"
      note={answer.data?.query === "" && "from the audit log, which only administrators query"}
      query={answer.data?.query}
    >
      {answer.isError && (
        <Failure title="Your pages could not be read" error={answer.error} again={answer.refetch} />
      )}
      {answer.isSuccess && items.length === 0 && (
        <Empty>The audit log has no page that you looked at.</Empty>
      )}
      <ul className={styles.list}>
        {items.map(({ kind, id, at }) => (
          <li key={`${kind} ${id}`} className={styles.line}>
            <EntityChip kind={kind} id={id} />
            <Text size={200} className={styles.quiet}>
              <Moment at={at} to="minute" />
            </Text>
          </li>
        ))}
      </ul>
    </Card>
  );
}
