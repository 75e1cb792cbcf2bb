import { useColumnSet } from "@/components/useColumnSet";
import type { EntityView } from "./view";

/** As useColumnSet, for the list that a tab is about. */
export function useColumns<C extends { id: string; header: string }>(
  view: EntityView,
  table: string,
  columns: readonly C[],
  usual: readonly string[],
) {
  const { search, update } = view;
  return useColumnSet({
    table,
    label: table,
    columns,
    usual,
    word: search.columns,
    onWord: (word) => update({ columns: word }),
  });
}
