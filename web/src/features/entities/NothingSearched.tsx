import { makeStyles, Text } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { CoverageTable } from "@/components/CoverageTable";
import { Empty } from "@/components/states";
import { formatMinute } from "@/time/format";
import { shownZone } from "@/time/zone";
import type { EntityView } from "./view";

const useStyles = makeStyles({ block: { display: "grid", gap: "8px" } });

interface NothingSearchedProps {
  view: EntityView;
  /** What the source kinds that could have held it are called; absent: all. */
  kinds?: RegExp;
  /** What was not found. */
  children: ReactNode;
}

/** An empty list, with where it was looked for and since when there is data. */
export function NothingSearched({ view, kinds, children }: NothingSearchedProps) {
  const styles = useStyles();
  const { coverage, role, site } = view.page;
  const searched = (coverage ?? []).filter((c) => !kinds || kinds.test(c.sourceKind));
  const narrowed = [role && `in the role ${role}`, site && `at the site ${site}`].filter(Boolean);
  const { from, to } = view.period;
  return (
    <div className={styles.block}>
      <Empty>{children}</Empty>
      <Text size={200}>
        {`Searched: ${[`${formatMinute(from)} – ${formatMinute(to)} ${shownZone()}`, ...narrowed].join(", ")}. `}
        {searched.length === 0
          ? "No source is loaded in which it could have been."
          : "These sources could have held it:"}
      </Text>
      {searched.length > 0 && (
        <CoverageTable label="What was searched" rows={searched} maxHeight={320} />
      )}
    </div>
  );
}
