import { queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import type { components } from "./schema.gen";

export type TriageRow = components["schemas"]["TriageRow"];

/** What is known of the observables in a text. */
export const triageQuery = (text: string) =>
  queryOptions({
    queryKey: ["triage", text],
    queryFn: async ({ signal }) =>
      take(await client.POST("/api/triage", { body: { text }, signal })),
    enabled: text.trim() !== "",
  });
