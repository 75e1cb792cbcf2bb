import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { components } from "./schema.gen";

export type LogSource = components["schemas"]["LogSource"];

/** Where records came from. */
export const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: async ({ signal }) => take(await client.GET("/api/sources", { signal })),
});
