import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";
import type { components } from "./schema.gen";

export type ColumnSet = components["schemas"]["ColumnSet"];

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

/** Keeps a set, in the place of the user's own of that name. */
export async function keepColumnSet(
  view: string,
  name: string,
  columns: readonly string[],
  shared: boolean,
): Promise<void> {
  done(
    await client.PUT("/api/columnsets", { body: { view, name, columns: [...columns], shared } }),
  );
}

export async function removeColumnSet(id: number): Promise<void> {
  done(await client.DELETE("/api/columnsets/{id}", { params: { path: { id } } }));
}
