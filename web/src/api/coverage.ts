import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";

/** What there is of every source kind and site. */
export const coverageQuery = queryOptions({
  queryKey: ["coverage"],
  queryFn: async ({ signal }) => take(await client.GET("/api/coverage", { signal })),
});
