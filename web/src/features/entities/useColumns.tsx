import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { columnSetKeeper, columnSetsQuery } from "@/api/columnSets";
import { ColumnPicker } from "@/components/ColumnPicker";
import { chosenColumns } from "@/components/columns";
import { withWordOfTable, wordOfTable } from "./tableColumns";
import type { EntityView } from "./view";

/**
 * The columns of a tab's list that its link asks for, and the means to ask for others. table
 * names the list on the server; columns must keep its identity.
 */
export function useColumns<C extends Named>(
  view: EntityView,
  table: string,
  columns: readonly C[],
  usual: readonly string[],
): Choice<C> {
  const { search, update } = view;
  return useChoice(table, columns, usual, search.columns, (word) => update({ columns: word }));
}

/** The same of one of the small tables of a tab; none given: all columns are the usual ones. */
export function useTableColumns<C extends Named>(
  view: EntityView,
  table: string,
  columns: readonly C[],
  usual?: readonly string[],
): Choice<C> {
  const { search, update } = view;
  const all = useMemo(() => columns.map(({ id }) => id), [columns]);
  return useChoice(table, columns, usual ?? all, wordOfTable(search.tables, table), (word) =>
    update({ tables: withWordOfTable(search.tables, table, word) }),
  );
}

interface Named {
  id: string;
  header: string;
}

interface Choice<C> {
  shown: readonly C[];
  picker: ReactNode;
}

function useChoice<C extends Named>(
  table: string,
  columns: readonly C[],
  usual: readonly string[],
  asked: string | undefined,
  onChoose: (word: string | undefined) => void,
): Choice<C> {
  const cache = useQueryClient();
  const kept = useQuery(columnSetsQuery(table)).data ?? [];
  const ids = columns.map(({ id }) => id);
  const chosen = chosenColumns(asked, ids, usual, kept);
  const word = chosen.join();
  const shown = useMemo(
    () => columns.filter(({ id }) => word.split(",").includes(id)),
    [columns, word],
  );
  const picker = (
    <ColumnPicker
      keeper={columnSetKeeper(cache, table)}
      columns={columns}
      usual={usual}
      chosen={chosen}
      sets={kept}
      onChoose={onChoose}
    />
  );
  return { shown, picker };
}
