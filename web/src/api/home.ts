import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { components } from "./schema.gen";

export type Newcomer = components["schemas"]["Newcomer"];

/** The external addresses that are new, the rarest first. */
export const newcomersQuery = queryOptions({
  queryKey: ["newcomers"],
  queryFn: async ({ signal }) => take(await client.GET("/api/newcomers", { signal })),
});

/** The entities whose pages the user looked at lately. */
export const recentQuery = queryOptions({
  queryKey: ["recent"],
  queryFn: async ({ signal }) => take(await client.GET("/api/recent", { signal })),
  // It changes with every page that is opened.
  staleTime: 0,
});
