import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";
import type { components } from "./schema.gen";

export type NetworkRange = components["schemas"]["NetworkRange"];

/** The named ranges of the organisation. */
export const networksQuery = queryOptions({
  queryKey: ["networks"],
  queryFn: async ({ signal }) => take(await client.GET("/api/networks", { signal })),
});

export async function removeNetwork(id: number): Promise<void> {
  done(await client.DELETE("/api/networks/{id}", { params: { path: { id } } }));
}

export type NewNetwork = components["schemas"]["NewNetworkRange"];

/** Gives a range of the organisation's addresses a name. */
export async function addNetwork(range: NewNetwork): Promise<void> {
  take(await client.POST("/api/networks", { body: range }));
}
