import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";

/** What administrators have set. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: async ({ signal }) => take(await client.GET("/api/settings", { signal })),
});

export async function setReverseDns(reverseDns: boolean): Promise<void> {
  done(await client.PUT("/api/settings", { body: { reverseDns } }));
}

/** Asks live DNS for the names of an address; its owner can notice. */
export async function reverseDns(address: string): Promise<string[]> {
  const answer = take(await client.POST("/api/dns/reverse", { body: { address } }));
  return answer.names ?? [];
}
