import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { EntityScope } from "./entities";
import type { components, paths } from "./schema.gen";

export type TimelineItem = components["schemas"]["Item"];
export type TimelinePage = components["schemas"]["Page"];
export type Facets = components["schemas"]["Facets"];
export type FacetCount = components["schemas"]["FacetCount"];
export type Bucket = components["schemas"]["Bucket"];

type TimelineQuery = NonNullable<
  paths["/api/entities/{kind}/{id}/timeline"]["get"]["parameters"]["query"]
>;

/** Which records of a timeline are kept; an absent part keeps all. */
export type TimelineFilter = Pick<
  TimelineQuery,
  "role" | "outcome" | "sourceKind" | "table" | "device" | "alerts" | "q" | "in"
>;

/** Where a page of a timeline begins: behind a record, at a time, or at the newest record. */
export type TimelinePlace = Pick<TimelineQuery, "cursor" | "at" | "order">;

/** How many records a page has. */
export const timelinePage = 100;

function scoped(scope: EntityScope, filter: TimelineFilter) {
  const { kind, id, from, to, site } = scope;
  return { path: { kind, id }, query: { from, to, site, ...filter } };
}

export async function readTimeline(
  scope: EntityScope,
  filter: TimelineFilter,
  place: TimelinePlace,
  signal?: AbortSignal,
): Promise<TimelinePage> {
  const { path, query } = scoped(scope, filter);
  return take(
    await client.GET("/api/entities/{kind}/{id}/timeline", {
      params: { path, query: { ...query, ...place, limit: timelinePage } },
      signal,
    }),
  );
}

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
    placeholderData: (previous) => previous,
  });

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

/** Where a list of an entity, in full, can be downloaded. */
export function exportURL(
  scope: EntityScope,
  list: "timeline" | "devices" | "peers",
  format: "csv" | "jsonl" | "parquet",
  filter: TimelineFilter = {},
): string {
  const words = new URLSearchParams({ format });
  for (const [name, value] of Object.entries({
    from: scope.from,
    to: scope.to,
    site: scope.site,
    ...filter,
  })) {
    for (const v of Array.isArray(value) ? value : [value]) {
      if (v !== undefined && v !== "") words.append(name, String(v));
    }
  }
  return `/api/entities/${scope.kind}/${encodeURIComponent(scope.id)}/${list}/export?${words}`;
}
