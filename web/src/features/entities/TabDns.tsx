import { Card } from "@/components/Card";
import { Empty } from "@/components/states";
import type { EntityView } from "./view";

/** Names, certificates and services, as the own logs saw them. */
export function TabDns({ view }: { view: EntityView }) {
  return (
    <Card title="DNS and TLS">
      <Empty>There are no names and certificates yet of {view.entity.id}</Empty>
    </Card>
  );
}
