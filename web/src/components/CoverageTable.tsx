import { useMemo } from "react";
import type { Column } from "./DataTable";
import { Moment } from "./Moment";
import { formatCount } from "./numbers";
import { PickedTable } from "./PickedTable";
import { Untrusted } from "./Untrusted";

/** What there is of one kind of source. */
interface Covered {
  sourceKind: string;
  site?: string;
  table: string;
  records: number;
  first: string;
  last: string;
}

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
