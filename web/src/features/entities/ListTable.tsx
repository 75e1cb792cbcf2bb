import { makeStyles } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { FilterInput } from "@/components/FilterInput";
import { Pager } from "./Pager";
import type { ListPage } from "./useListPage";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px",
    marginBottom: "6px",
  },
});

interface ListTableProps<T> {
  /** What is listed, in the plural and in lower case. */
  noun: string;
  list: ListPage;
  columns: readonly Column<T>[];
  rows: readonly T[];
  total: number;
  maxHeight?: number;
  /** What else can be done with the list, beside its filter. */
  tools?: ReactNode;
}

/** One page of a list, with its filter and where one is in it. */
export function ListTable<T extends object>(props: ListTableProps<T>) {
  const { noun, list, columns, rows, total, maxHeight, tools } = props;
  const { offset } = list.page;
  const styles = useStyles();
  return (
    <>
      <div className={styles.bar}>
        <FilterInput noun={noun} value={list.filter} onChange={list.setFilter} />
        {tools}
        <Pager
          noun={noun}
          offset={offset}
          shown={rows.length}
          total={total}
          onBack={list.back}
          onForth={list.forth}
        />
      </div>
      <DataTable
        label={noun.charAt(0).toUpperCase() + noun.slice(1)}
        columns={columns}
        rows={rows}
        sort={list.sort}
        onSort={list.setSort}
        total={total}
        offset={offset}
        maxHeight={maxHeight}
      />
    </>
  );
}
