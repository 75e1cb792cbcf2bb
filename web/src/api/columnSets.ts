import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";

/** The sets of columns that are kept for any table: the user's, and those that others share. */
export const columnSetsQuery = queryOptions({
  queryKey: ["columnsets"],
  queryFn: async ({ signal }) => take(await client.GET("/api/columnsets", { signal })).items ?? [],
});

/** Keeps a set for a table, in the place of the user's own of that name. */
export async function keepColumnSet(
  view: string,
  name: string,
  columns: readonly string[],
  shared: boolean,
) {
  done(
    await client.PUT("/api/columnsets", { body: { view, name, columns: [...columns], shared } }),
  );
}

export async function removeColumnSet(id: number) {
  done(await client.DELETE("/api/columnsets/{id}", { params: { path: { id } } }));
}
