import { makeStyles } from "@fluentui/react-components";
import { type Column, DataTable } from "./DataTable";
import { useTableColumns } from "./useTableColumns";

const useStyles = makeStyles({
  tools: { display: "flex", justifyContent: "flex-end", marginTop: "2px" },
});

interface PickedTableProps<T> {
  /** Names the table on the server and in the link. */
  table: string;
  label: string;
  columns: readonly Column<T>[];
  /** The columns that are shown when none are asked for; absent: all. */
  usual?: readonly string[];
  /** Columns that always stand first. */
  before?: readonly Column<T>[];
  rows: readonly T[];
  /** How many rows there are in all, when these are only some of them. */
  total?: number;
  maxHeight?: number;
}

/** A table of which one sees all rows, with a choice of its columns. */
export function PickedTable<T extends object>(props: PickedTableProps<T>) {
  const { table, label, columns, usual, before = [], rows, total, maxHeight } = props;
  const styles = useStyles();
  const { shown, picker } = useTableColumns({ table, label, columns, usual });
  return (
    <>
      <DataTable
        label={label}
        columns={[...before, ...shown]}
        rows={rows}
        total={total}
        maxHeight={maxHeight}
      />
      <div className={styles.tools}>{picker}</div>
    </>
  );
}
