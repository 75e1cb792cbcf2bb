import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { columnSetsQuery, keepColumnSet, removeColumnSet } from "@/api/columnSets";
import { ColumnShelfContext } from "@/components/columnShelf";

/** Gives the tables the sets of columns that the server keeps: the user's and the shared ones. */
export function ColumnSetsProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const sets = useQuery(columnSetsQuery).data;
  const shelf = useMemo(() => {
    const changed = () => cache.invalidateQueries(columnSetsQuery);
    return {
      sets: sets ?? [],
      keep: async (...set: Parameters<typeof keepColumnSet>) => {
        await keepColumnSet(...set);
        await changed();
      },
      remove: async (id: number) => {
        await removeColumnSet(id);
        await changed();
      },
    };
  }, [cache, sets]);
  return <ColumnShelfContext value={shelf}>{children}</ColumnShelfContext>;
}
