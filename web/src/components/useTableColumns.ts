import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { withWordOfTable, wordOfTable } from "./tableColumns";
import { useColumnSet } from "./useColumnSet";

interface Table<C> {
  /** Names the table on the server and in the link. */
  table: string;
  label: string;
  columns: readonly C[];
  /** The columns that are shown when none are asked for; absent: all. */
  usual?: readonly string[];
}

/** As useColumnSet, for a table that shares the page's link with others. */
export function useTableColumns<C extends { id: string; header: string }>(of: Table<C>) {
  const { table, columns, usual } = of;
  const { tables } = useSearch({ strict: false });
  const navigate = useNavigate();
  const all = useMemo(() => columns.map(({ id }) => id), [columns]);
  return useColumnSet({
    ...of,
    usual: usual ?? all,
    quiet: true,
    word: wordOfTable(tables, table),
    onWord: (word) =>
      void navigate({
        to: ".",
        search: (old) => ({ ...old, tables: withWordOfTable(old.tables, table, word) }),
        resetScroll: false,
      }),
  });
}
