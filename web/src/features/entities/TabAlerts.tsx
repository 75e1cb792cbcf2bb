import { AlertsCard } from "./AlertsCard";
import type { EntityView } from "./view";

/** The alerts of ingested sources that name the entity. */
export function TabAlerts({ view }: { view: EntityView }) {
  return <AlertsCard alerts={view.page.alerts} />;
}
