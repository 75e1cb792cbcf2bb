import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useMemo } from "react";
import { Card } from "@/components/Card";
import { CoverageTable } from "@/components/CoverageTable";
import { type Covered, extent } from "@/components/coverage";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";

const useStyles = makeStyles({
  lead: { display: "block", marginBottom: "6px", color: tokens.colorNeutralForeground2 },
});

/** What is loaded, the kinds with the latest records first. */
export function CoverageCard({ kinds }: { kinds: readonly Covered[] }) {
  const styles = useStyles();
  const rows = useMemo(() => [...kinds].sort((a, b) => (a.last < b.last ? 1 : -1)), [kinds]);
  const sites = new Set(kinds.map((k) => k.site ?? ""));
  const { first, last } = extent(kinds);
  return (
    <Card
      title="What is loaded"
      count={kinds.length}
      note="kinds of records; counts of different kinds are not added up"
    >
      <Text size={200} className={styles.lead}>
        Records from <Moment at={first} to="minute" /> to <Moment at={last} to="minute" />
        {sites.size > 1 && ` at ${formatCount(sites.size)} sites`}.
      </Text>
      <CoverageTable label="What is loaded" rows={rows} maxHeight={320} />
    </Card>
  );
}
