import { makeStyles, Text } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { CoverageTable } from "@/components/CoverageTable";
import { Empty } from "@/components/states";
import { formatMinute } from "@/time/format";
import { shownZone } from "@/time/zone";
import type { EntityView } from "./view";

const useStyles = makeStyles({ block: { display: "grid", gap: "8px" } });

/** The source kinds that could have held something, and what is said of them. */
interface Searched {
  kinds: RegExp;
  some: string;
  none: string;
}

const everySource: Searched = {
  kinds: /./,
  some: "These sources could have held it:",
  none: "No source is loaded in which it could have been.",
};

interface NothingSearchedProps {
  view: EntityView;
  /** Absent: every source. */
  of?: Searched;
  /** What was not found. */
  children: ReactNode;
}

/** An empty list, with where it was looked for and since when there is data. */
export function NothingSearched({ view, of = everySource, children }: NothingSearchedProps) {
  const styles = useStyles();
  const { coverage, role, site } = view.page;
  const searched = (coverage ?? []).filter((c) => of.kinds.test(c.sourceKind));
  const narrowed = [role && `in the role ${role}`, site && `at the site ${site}`].filter(Boolean);
  const { from, to } = view.period;
  return (
    <div className={styles.block}>
      <Empty>{children}</Empty>
      <Text size={200}>
        {`Searched: ${[`${formatMinute(from)} – ${formatMinute(to)} ${shownZone()}`, ...narrowed].join(", ")}. `}
        {searched.length === 0 ? of.none : of.some}
      </Text>
      {searched.length > 0 && (
        <CoverageTable label="What was searched" rows={searched} maxHeight={320} />
      )}
    </div>
  );
}
