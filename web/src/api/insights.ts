import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { EntityScope } from "./entities";
import type { components } from "./schema.gen";

export type InsightItem = components["schemas"]["InsightItem"];

/** The curated queries about an entity, all or those of its first tab, with their answers. */
export const insightsQuery = ({ kind, id, ...scope }: EntityScope, overview = false) =>
  queryOptions({
    queryKey: ["entity", { kind, id, ...scope }, "insights", { overview }],
    queryFn: async ({ signal }) =>
      take(
        await client.GET("/api/entities/{kind}/{id}/insights", {
          params: { path: { kind, id }, query: { ...scope, overview } },
          signal,
        }),
      ),
  });
