import { Card } from "@/components/Card";
import { Empty } from "@/components/states";
import type { EntityView } from "./view";

/** All records that name the entity, in the order of time. */
export function TabTimeline({ view }: { view: EntityView }) {
  return (
    <Card title="Timeline">
      <Empty>There is no timeline yet of {view.entity.id}</Empty>
    </Card>
  );
}
