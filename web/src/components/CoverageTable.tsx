import { useMemo } from "react";
import { formatMinute } from "@/time/format";
import { type Column, DataTable } from "./DataTable";
import { formatCount } from "./numbers";

/** What there is of one kind of source. */
export interface Covered {
  sourceKind: string;
  table: string;
  records: number;
  first: string;
  last: string;
}

/** Kinds of sources with their extent in time. */
export function CoverageTable({ label, rows }: { label: string; rows: readonly Covered[] }) {
  const columns = useMemo<Column<Covered>[]>(
    () => [
      { id: "sourceKind", header: "Source kind", cell: (r) => r.sourceKind },
      { id: "table", header: "Table", cell: (r) => r.table },
      { id: "records", header: "Records", numeric: true, cell: (r) => formatCount(r.records) },
      { id: "first", header: "First record", cell: (r) => formatMinute(r.first) },
      { id: "last", header: "Last record", cell: (r) => formatMinute(r.last) },
    ],
    [],
  );
  return <DataTable label={label} columns={columns} rows={rows} />;
}
