import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { ArrowSortDownRegular, ArrowSortUpRegular } from "@fluentui/react-icons";
import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef } from "react";
import { TextButton } from "./TextButton";

/** A column of a table. */
export interface Column<T> {
  id: string;
  header: string;
  /** A second, smaller line under the header. */
  detail?: string;
  cell: (row: T) => ReactNode;
  numeric?: boolean;
  sortable?: boolean;
  /** Whether the first click sorts upwards, as suits names; else the most comes first. */
  ascendingFirst?: boolean;
  minWidth?: number;
}

/** The order that a table shows; it is the owner of the rows who sorts. */
export interface Sort {
  column: string;
  descending: boolean;
}

interface DataTableProps<T> {
  /** The accessible name. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** How many rows there are in all, when these are only some of them. */
  total?: number;
  /** The ordinal of the first row among all of them. */
  offset?: number;
  maxHeight?: number;
}

const rowHeight = 29;

const useStyles = makeStyles({
  scroll: { overflow: "auto" },
  table: { borderCollapse: "separate", borderSpacing: 0, width: "100%" },
  head: {
    position: "sticky",
    top: 0,
    zIndex: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    padding: "4px 6px",
    textAlign: "left",
    verticalAlign: "bottom",
    whiteSpace: "nowrap",
    fontSize: tokens.fontSizeBase200,
    fontWeight: 600,
  },
  detail: { display: "block", fontWeight: 400, color: tokens.colorNeutralForeground3 },
  sort: { display: "inline-flex", alignItems: "center", gap: "2px", fontWeight: "inherit" },
  row: { ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover } },
  cell: {
    padding: "4px 6px",
    fontSize: tokens.fontSizeBase200,
    lineHeight: "20px",
    verticalAlign: "top",
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    // At the end of a cell there is nothing to lie over.
    "& [data-chip]:last-child > [data-chip-menu]": { position: "static" },
  },
  numeric: { textAlign: "right", whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" },
});

const features = tableFeatures({});

/** A table that draws only the rows in sight. */
export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { label, columns, rows, sort, onSort, total, offset = 0, maxHeight = 480 } = props;
  const styles = useStyles();
  const scroll = useRef<HTMLElement>(null);
  const defs = useMemo(() => columnDefs(columns), [columns]);
  const table = useTable({ features, columns: defs, data: rows });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialRect: { width: 0, height: maxHeight },
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    <section
      ref={scroll}
      className={styles.scroll}
      style={{ maxHeight }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={`${label}, scrolling`}
    >
      <table className={styles.table} aria-label={label} aria-rowcount={(total ?? rows.length) + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={mergeClasses(styles.head, column.numeric && styles.numeric)}
                style={{ minWidth: column.minWidth }}
                aria-sort={ariaSort(column, sort)}
              >
                <HeaderCell column={column} sort={sort} onSort={onSort} />
                {column.detail !== undefined && (
                  <span className={styles.detail}>{column.detail}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={above} />
          {items.map((item) => {
            const row = model[item.index];
            if (row === undefined) return null;
            return (
              <tr
                key={row.id}
                ref={virtual.measureElement}
                data-index={item.index}
                aria-rowindex={offset + item.index + 2}
                className={styles.row}
              >
                {row.getAllCells().map((cell, i) => (
                  <td
                    key={cell.id}
                    className={mergeClasses(styles.cell, columns[i]?.numeric && styles.numeric)}
                  >
                    {columns[i]?.cell(row.original)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Spacer height={below} />
        </tbody>
      </table>
    </section>
  );
}

function HeaderCell<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T>;
  sort?: Sort;
  onSort?: (s: Sort) => void;
}) {
  const styles = useStyles();
  if (!column.sortable || onSort === undefined) return column.header;
  const active = sort?.column === column.id;
  const Arrow = sort?.descending ? ArrowSortDownRegular : ArrowSortUpRegular;
  return (
    <TextButton
      className={styles.sort}
      onClick={() =>
        onSort({
          column: column.id,
          descending: active ? !sort.descending : !column.ascendingFirst,
        })
      }
    >
      {column.header}
      {active && <Arrow aria-hidden />}
    </TextButton>
  );
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td style={{ height, padding: 0 }} />
    </tr>
  );
}

function ariaSort<T>(column: Column<T>, sort?: Sort) {
  if (!column.sortable) return undefined;
  if (sort?.column !== column.id) return "none";
  return sort.descending ? "descending" : "ascending";
}

/**
 * The columns for the table's model. What stands in their cells is not among it: a renderer
 * would be another component with every new list of columns, for which React takes all cells
 * away, with the focus that one of them has.
 */
function columnDefs<T extends object>(columns: readonly Column<T>[]) {
  const helper = createColumnHelper<typeof features, T>();
  return columns.map(({ id, header }) => helper.display({ id, header }));
}
