import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";

/** The sets of columns that are kept for a table: the user's, and those that others share. */
export const columnSetsQuery = (view: string) =>
  queryOptions({
    queryKey: ["columnsets", view],
    queryFn: async ({ signal }) => {
      const list = take(
        await client.GET("/api/columnsets", { params: { query: { view } }, signal }),
      );
      return list.items ?? [];
    },
  });

/** Changes the sets that are kept for a table, and has them read again. */
export function columnSetKeeper(cache: QueryClient, view: string) {
  const changed = () => cache.invalidateQueries(columnSetsQuery(view));
  return {
    /** Keeps a set, in the place of the user's own of that name. */
    keep: async (name: string, columns: readonly string[], shared: boolean) => {
      const body = { view, name, columns: [...columns], shared };
      done(await client.PUT("/api/columnsets", { body }));
      await changed();
    },
    remove: async (id: number) => {
      done(await client.DELETE("/api/columnsets/{id}", { params: { path: { id } } }));
      await changed();
    },
  };
}
