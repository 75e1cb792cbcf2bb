import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";
import type { EntityKind } from "./entities";

/** The marks on an entity. */
export const watchesQuery = (kind: EntityKind, entity: string) =>
  queryOptions({
    queryKey: ["watches", kind, entity],
    queryFn: async ({ signal }) =>
      take(await client.GET("/api/watches", { params: { query: { kind, entity } }, signal })),
  });

/** All marks that hold. */
export const allWatchesQuery = queryOptions({
  queryKey: ["watches"],
  queryFn: async ({ signal }) => take(await client.GET("/api/watches", { signal })),
});

/** What is new of the entities that the user watches. */
export const noticesQuery = queryOptions({
  queryKey: ["notices"],
  queryFn: async ({ signal }) => take(await client.GET("/api/notices", { signal })),
  refetchInterval: 30_000,
});

export async function addWatch(
  kind: EntityKind,
  entity: string,
  reason: string,
  expires?: string,
): Promise<void> {
  done(await client.POST("/api/watches", { body: { kind, entity, reason, expires } }));
}

export async function endWatch(id: number): Promise<void> {
  done(await client.DELETE("/api/watches/{id}", { params: { path: { id } } }));
}

export async function readNotices(upTo: number): Promise<void> {
  done(await client.POST("/api/notices/read", { body: { upTo } }));
}
