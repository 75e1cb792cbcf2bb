import { makeStyles } from "@fluentui/react-components";
import { DevicesCard } from "./DevicesCard";
import { PeersCard } from "./PeersCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  column: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
});

/** Every own host that dealt with the entity, and the addresses at the other end. */
export function TabObserved({ view }: { view: EntityView }) {
  const styles = useStyles();
  return (
    <div className={styles.column}>
      <DevicesCard view={view} />
      <PeersCard view={view} />
    </div>
  );
}
