import { client, take } from "./client";
import type { components } from "./schema.gen";

export type NewNetwork = components["schemas"]["NewNetworkRange"];

/** Gives a range of the organisation's addresses a name. */
export async function addNetwork(range: NewNetwork): Promise<void> {
  take(await client.POST("/api/networks", { body: range }));
}
