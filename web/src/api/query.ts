import { client, take } from "./client";
import type { components } from "./schema.gen";

export type QueryResult = components["schemas"]["QueryResult"];
export type Diagnostic = components["schemas"]["Diagnostic"];
export type ResultColumn = components["schemas"]["QueryColumn"];

/** Runs a query; aborting the signal cancels it on the server. */
export async function runQuery(query: string, signal: AbortSignal): Promise<QueryResult> {
  return take(await client.POST("/api/query", { body: { query }, signal }));
}
