import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, take } from "./client";
import { kindNames } from "./entities";
import type { components } from "./schema.gen";

export type Suggestion = components["schemas"]["Suggestion"];
export type Form = Suggestion["kind"];

/** What a text may look like: a kind of entity, or many addresses at once. */
export const formNames: Record<Form, string> = kindNames;

export function isForm(text: string): text is Form {
  return Object.hasOwn(formNames, text);
}

/** What the text may name. */
export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ["search", text],
    queryFn: async ({ signal }) =>
      take(await client.GET("/api/search", { params: { query: { q: text } }, signal })),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });
