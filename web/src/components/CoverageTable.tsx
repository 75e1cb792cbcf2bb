import { useMemo } from "react";
import { type Covered, kindQuery } from "./coverage";
import type { Column } from "./DataTable";
import { OpenQuery } from "./links";
import { Moment } from "./Moment";
import { formatCount } from "./numbers";
import { PickedTable } from "./PickedTable";
import { Untrusted } from "./Untrusted";

const site: Column<Covered> = {
  id: "site",
  header: "Site",
  cell: (r) => <Untrusted>{r.site ?? ""}</Untrusted>,
};

const columns: Column<Covered>[] = [
  { id: "sourceKind", header: "Source kind", cell: (r) => <Untrusted>{r.sourceKind}</Untrusted> },
  { id: "table", header: "Table", cell: (r) => r.table },
  { id: "records", header: "Records", numeric: true, cell: (r) => formatCount(r.records) },
  { id: "first", header: "First record", cell: (r) => <Moment at={r.first} to="minute" /> },
  { id: "last", header: "Last record", cell: (r) => <Moment at={r.last} to="minute" /> },
  {
    id: "query",
    header: "Query",
    cell: (r) => <OpenQuery query={kindQuery(r)} of={`${r.sourceKind} ${r.site ?? ""}`} />,
  },
];

interface CoverageTableProps {
  label: string;
  rows: readonly Covered[];
  maxHeight?: number;
}

/** Kinds of sources with their extent in time; sites are shown where there are several. */
export function CoverageTable({ label, rows, maxHeight }: CoverageTableProps) {
  const shown = useMemo(
    () => (rows.every((r) => r.site === rows[0]?.site) ? columns : [...columns, site]),
    [rows],
  );
  return (
    <PickedTable table="coverage" label={label} columns={shown} rows={rows} maxHeight={maxHeight} />
  );
}
