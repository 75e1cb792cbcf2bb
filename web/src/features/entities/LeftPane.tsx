import { makeStyles } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { coverageQuery } from "@/api/coverage";
import { inOrder } from "@/components/inOrder";
import { useCompared } from "./comparing";
import { HoldersCard } from "./HoldersCard";
import { IdentityCard } from "./IdentityCard";
import { ManyCard } from "./ManyCard";
import { SourcesCard, sourcesCompared } from "./SourcesCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  pane: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", ...inOrder },
});

/** What is known of the entity itself, beside whatever tab is open. */
export function LeftPane({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { page } = view;
  const silent = useSilent(view);
  const compared = useCompared(view, sourcesCompared);
  return (
    <aside className={styles.pane} aria-label="Facts">
      {page.many && page.identity && (
        <ManyCard view={view} many={page.many} identity={page.identity} />
      )}
      {page.identity && !page.many && <IdentityCard view={view} identity={page.identity} />}
      <SourcesCard
        view={view}
        sources={page.sources ?? []}
        allTime={page.range.default}
        compared={compared}
        silent={silent}
      />
      {page.kind === "ip" && <HoldersCard view={view} holders={page.holders ?? []} />}
    </aside>
  );
}

/** The source kinds that recorded something in the period, but nothing of the entity. */
function useSilent({ page, period, search }: EntityView) {
  const coverage = useQuery(coverageQuery);
  const heard = new Set((page.sources ?? []).filter((s) => s.records > 0).map((s) => s.sourceKind));
  const kinds = (coverage.data?.items ?? [])
    .filter((c) => c.last >= period.from && c.first < period.to)
    .filter((c) => search.site === undefined || c.site === search.site)
    .map((c) => c.sourceKind)
    .filter((kind) => !heard.has(kind));
  return [...new Set(kinds)].sort();
}
