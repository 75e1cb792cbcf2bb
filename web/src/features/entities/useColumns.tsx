import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { columnSetKeeper, columnSetsQuery } from "@/api/columnSets";
import { ColumnPicker } from "@/components/ColumnPicker";
import { chosenColumns } from "@/components/columns";
import type { EntityView } from "./view";

/**
 * The columns of a tab's list that its link asks for, and the means to ask for others. table
 * names the list on the server; columns must keep its identity.
 */
export function useColumns<C extends { id: string; header: string }>(
  view: EntityView,
  table: string,
  columns: readonly C[],
  usual: readonly string[],
): { shown: readonly C[]; picker: ReactNode } {
  const cache = useQueryClient();
  const kept = useQuery(columnSetsQuery(table)).data ?? [];
  const ids = columns.map(({ id }) => id);
  const chosen = chosenColumns(view.search.columns, ids, usual, kept);
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
      onChoose={(next) => view.update({ columns: next })}
    />
  );
  return { shown, picker };
}
