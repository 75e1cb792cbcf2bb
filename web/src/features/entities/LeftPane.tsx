import { makeStyles } from "@fluentui/react-components";
import { HoldersCard } from "./HoldersCard";
import { IdentityCard } from "./IdentityCard";
import { NetworksCard } from "./NetworksCard";
import { SourcesCard } from "./SourcesCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  pane: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
});

/** What is known of the entity itself, beside whatever tab is open. */
export function LeftPane({ view: { page } }: { view: EntityView }) {
  const styles = useStyles();
  return (
    <aside className={styles.pane} aria-label="Facts">
      {page.identity && <IdentityCard address={page.id} identity={page.identity} />}
      <SourcesCard sources={page.sources ?? []} allTime={page.range.default} />
      {page.kind === "ip" && <HoldersCard holders={page.holders ?? []} />}
      {page.identity && <NetworksCard networks={page.identity.networks ?? []} />}
    </aside>
  );
}
