import { makeStyles } from "@fluentui/react-components";
import { inOrder } from "@/components/inOrder";
import { BeaconsCard } from "./BeaconsCard";
import { ConnectionFlowCard } from "./ConnectionFlowCard";
import { ConnectionsCard } from "./ConnectionsCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  cards: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", ...inOrder },
});

/** Who talked to whom, on which port, and how regularly. */
export function TabConnections({ view }: { view: EntityView }) {
  const styles = useStyles();
  return (
    <div className={styles.cards}>
      <ConnectionFlowCard view={view} />
      <ConnectionsCard view={view} />
      <BeaconsCard view={view} />
    </div>
  );
}
