import { queryOptions } from "@tanstack/react-query";
import { client, done, take } from "./client";
import type { components } from "./schema.gen";

export type Theme = components["schemas"]["Preferences"]["theme"];

/** How the user wants to see things, as the server keeps it. */
export const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: async ({ signal }) => take(await client.GET("/api/preferences", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export async function setTimeZone(timeZone: string): Promise<void> {
  done(await client.PUT("/api/preferences", { body: { timeZone } }));
}

export async function setTheme(theme: Theme): Promise<void> {
  done(await client.PUT("/api/preferences", { body: { theme } }));
}
