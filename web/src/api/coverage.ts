import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { components } from "./schema.gen";

export type Coverage = components["schemas"]["Coverage"];

/** What there is of every source kind and site. */
export const coverageQuery = queryOptions({
  queryKey: ["coverage"],
  queryFn: async ({ signal }) => take(await client.GET("/api/coverage", { signal })),
});
