import { Card } from "@/components/Card";
import { Empty } from "@/components/states";
import type { EntityView } from "./view";

/** What people wrote about the entity, and who looked at it. */
export function TabNotes({ view }: { view: EntityView }) {
  return (
    <Card title="Notes and audit">
      <Empty>There are no notes yet about {view.entity.id}</Empty>
    </Card>
  );
}
