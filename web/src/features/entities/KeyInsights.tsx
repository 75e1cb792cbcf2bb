import { makeStyles } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { insightsQuery } from "@/api/insights";
import { CardSkeleton, Failure } from "@/components/states";
import { InsightCard } from "./InsightCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  cards: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
});

/** The curated queries that answer first what one asks of an entity of this kind. */
export function KeyInsights({ view }: { view: EntityView }) {
  const styles = useStyles();
  const answer = useQuery(insightsQuery(view.scope, true));
  if (answer.isPending)
    return <CardSkeleton label="Asking what is known of it" height={240} holds />;
  if (answer.isError) {
    return (
      <Failure
        title="What is known of it could not be read"
        error={answer.error}
        again={answer.refetch}
      />
    );
  }
  // A question that no log here can answer has its place on the tab of insights.
  const items = (answer.data.items ?? []).filter(({ state }) => state !== "missing");
  return (
    <div className={styles.cards}>
      {items.map((item) => (
        <InsightCard key={item.id} view={view} item={item} />
      ))}
    </div>
  );
}
