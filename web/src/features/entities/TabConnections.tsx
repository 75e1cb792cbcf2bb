import { Card } from "@/components/Card";
import { Empty } from "@/components/states";
import type { EntityView } from "./view";

/** Who talked to whom, on which port. */
export function TabConnections({ view }: { view: EntityView }) {
  return (
    <Card title="Connections">
      <Empty>There is no list of connections yet of {view.entity.id}</Empty>
    </Card>
  );
}
