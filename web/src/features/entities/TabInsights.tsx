import { Card } from "@/components/Card";
import { Empty } from "@/components/states";
import type { EntityView } from "./view";

/** Curated queries about the entity. */
export function TabInsights({ view }: { view: EntityView }) {
  return (
    <Card title="Insights">
      <Empty>There are no insights yet about {view.entity.id}</Empty>
    </Card>
  );
}
