import { Card } from "@/components/Card";
import { Empty } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { NotCompared } from "./comparing";
import type { EntityView } from "./view";

/** The place of threat intelligence. */
export function TabIntel({ view }: { view: EntityView }) {
  return (
    <Card title="Threat intelligence">
      <Empty>
        Verdicts come with intelligence, and Spoor has no store of indicators yet: no feed, report
        or verdict says anything here about <Untrusted>{view.entity.id}</Untrusted>. What the
        organisation's own logs say of it stands on the other tabs.
      </Empty>
      <NotCompared view={view}>there is nothing yet that could be.</NotCompared>
    </Card>
  );
}
