import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { EntityScope } from "./entities";
import type { components, paths } from "./schema.gen";

export type TimelineItem = components["schemas"]["Item"];
export type Facets = components["schemas"]["Facets"];
export type FacetCount = components["schemas"]["FacetCount"];
export type Bucket = components["schemas"]["Bucket"];
export type TimelineEvent = components["schemas"]["Event"];
export type EventGraph = components["schemas"]["Graph"];
export type GraphNode = components["schemas"]["GraphNode"];

type TimelineQuery = NonNullable<
  paths["/api/entities/{kind}/{id}/timeline"]["get"]["parameters"]["query"]
>;

/** Which records of a timeline are kept; an absent part keeps all. */
export type TimelineFilter = Pick<
  TimelineQuery,
  "roles" | "outcome" | "sourceKind" | "table" | "device" | "alerts" | "q" | "in"
>;

/** Where a page of a timeline begins: behind a record, at a time, or at the newest record. */
export type TimelinePlace = Pick<TimelineQuery, "cursor" | "at" | "order">;

const pageSize = 100;

/** More pages than these are not kept: those at the far end go when another one comes. */
const keptPages = 4;

function scoped({ kind, id, ...scope }: EntityScope, filter: TimelineFilter) {
  return { path: { kind, id }, query: { ...scope, ...filter } };
}

/**
 * The records from a place on in both directions, a bounded number of pages of them. Another
 * jump begins at the place anew, whatever was read from there before.
 */
export const timelineQuery = (
  scope: EntityScope,
  filter: TimelineFilter,
  start: TimelinePlace,
  jump: number,
) =>
  infiniteQueryOptions({
    queryKey: ["entity", scope, "timeline", filter, start, jump],
    queryFn: async ({ signal, pageParam }) => {
      const { path, query } = scoped(scope, filter);
      return take(
        await client.GET("/api/entities/{kind}/{id}/timeline", {
          params: { path, query: { ...query, ...pageParam, limit: pageSize } },
          signal,
        }),
      );
    },
    initialPageParam: start,
    getNextPageParam: ({ older }): TimelinePlace | undefined =>
      older ? { cursor: older } : undefined,
    getPreviousPageParam: ({ newer }): TimelinePlace | undefined =>
      newer ? { cursor: newer, order: "newer" } : undefined,
    maxPages: keptPages,
  });

/** What those records add up to. */
export const facetsQuery = (scope: EntityScope, filter: TimelineFilter) =>
  queryOptions({
    queryKey: ["entity", scope, "timeline", "facets", filter],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/timeline/facets", {
          params: scoped(scope, filter),
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** All that the rows of a record say; table is where it is, if that is known. */
export const eventQuery = (rawId: string, table?: string) =>
  queryOptions({
    queryKey: ["event", rawId, table],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/events/{rawId}", {
          params: { path: { rawId }, query: { table } },
          signal,
        }),
      ),
  });

/** A record as its source wrote it. */
export const rawRecordQuery = (rawId: string) =>
  queryOptions({
    queryKey: ["raw record", rawId],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/raw/{rawId}", {
          params: { path: { rawId } },
          parseAs: "text",
          signal,
        }),
      ),
  });

/** The formats in which a timeline can be had as a file. */
export const exportFormats = { csv: "CSV", jsonl: "JSON Lines", parquet: "Parquet" } as const;

/** Where all records that a filter keeps can be had as a file. */
export function timelineExport(
  { kind, id, ...scope }: EntityScope,
  filter: TimelineFilter,
  format: string,
): string {
  const words = new URLSearchParams({ format });
  for (const [name, value] of Object.entries({ ...scope, ...filter })) {
    for (const v of Array.isArray(value) ? value : [value]) {
      if (v !== undefined && v !== null) words.append(name, String(v));
    }
  }
  return `/api/entities/${kind}/${encodeURIComponent(id)}/timeline/export?${words}`;
}
