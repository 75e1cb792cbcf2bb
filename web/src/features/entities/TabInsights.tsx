import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { insightsQuery } from "@/api/insights";
import { Card } from "@/components/Card";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { InsightCard } from "./InsightCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(2, minmax(0, 1fr))",
    gap: "12px",
    alignItems: "start",
    "@media (max-width: 1200px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  grey: {
    "& > section": {
      backgroundColor: tokens.colorNeutralBackground3,
      boxShadow: "none",
    },
  },
});

/** Curated queries about the entity, those with an answer first. */
export function TabInsights({ view }: { view: EntityView }) {
  const styles = useStyles();
  const answer = useQuery(insightsQuery(view.scope));
  if (answer.isPending) return <CardSkeleton label="Asking the curated queries" height={360} />;
  if (answer.isError) {
    return (
      <Failure title="The insights could not be read" error={answer.error} again={answer.refetch} />
    );
  }
  const items = answer.data.items ?? [];
  if (items.length === 0) {
    return (
      <Card title="Insights">
        <Empty>There are no curated queries about entities of this kind.</Empty>
      </Card>
    );
  }
  return (
    <div className={styles.cards}>
      {items.map((item) => (
        <div
          key={item.id}
          className={mergeClasses(item.state !== "rows" && item.state !== "failed" && styles.grey)}
        >
          <InsightCard view={view} item={item} />
        </div>
      ))}
    </div>
  );
}
