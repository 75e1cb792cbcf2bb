import { makeStyles } from "@fluentui/react-components";
import { type Column, DataTable } from "@/components/DataTable";
import { useTableColumns } from "./useColumns";
import type { EntityView } from "./view";

const useStyles = makeStyles({ tools: { marginTop: "6px" } });

interface SmallTableProps<T> {
  view: EntityView;
  /** Names the table on the server and in the link. */
  table: string;
  label: string;
  columns: readonly Column<T>[];
  /** The columns that are shown when none are asked for; absent: all. */
  usual?: readonly string[];
  /** Columns that always stand first. */
  before?: readonly Column<T>[];
  rows: readonly T[];
  maxHeight: number;
}

/** A table of which one sees all rows, with a choice of its columns. */
export function SmallTable<T extends object>(props: SmallTableProps<T>) {
  const { view, table, label, columns, usual, before = [], rows, maxHeight } = props;
  const styles = useStyles();
  const { shown, picker } = useTableColumns(view, table, columns, usual);
  return (
    <>
      <DataTable label={label} columns={[...before, ...shown]} rows={rows} maxHeight={maxHeight} />
      <div className={styles.tools}>{picker}</div>
    </>
  );
}
