import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useMemo } from "react";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { OpenQuery } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { Untrusted } from "@/components/Untrusted";
import { extent, type Kind, kindQuery } from "./coverage";

const useStyles = makeStyles({
  lead: { display: "block", marginBottom: "6px", color: tokens.colorNeutralForeground2 },
});

const site: Column<Kind> = {
  id: "site",
  header: "Site",
  cell: (k) => <Untrusted>{k.site ?? ""}</Untrusted>,
};

const columns: Column<Kind>[] = [
  { id: "kind", header: "Source kind", cell: (k) => <Untrusted>{k.sourceKind}</Untrusted> },
  { id: "table", header: "Table", cell: (k) => k.table },
  { id: "records", header: "Records", numeric: true, cell: (k) => formatCount(k.records) },
  { id: "first", header: "First record", cell: (k) => <Moment at={k.first} to="minute" /> },
  { id: "last", header: "Last record", cell: (k) => <Moment at={k.last} to="minute" /> },
  {
    id: "query",
    header: "Query",
    cell: (k) => <OpenQuery query={kindQuery(k)} of={`${k.sourceKind} ${k.site ?? ""}`} />,
  },
];

/** What is loaded, the kinds with the latest records first. */
export function CoverageCard({ kinds }: { kinds: readonly Kind[] }) {
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
      <PickedTable
        table="loaded"
        label="What is loaded"
        columns={sites.size > 1 ? [...columns, site] : columns}
        rows={rows}
        maxHeight={320}
      />
    </Card>
  );
}
