import type { LogSource } from "@/api/sources";

/** The sources with a text in their name or site, as the query of the card sorts them. */
export function lastFirst<T extends Pick<LogSource, "name" | "site" | "lastIngested">>(
  sources: readonly T[],
  text: string,
): readonly T[] {
  const wanted = text.trim().toLowerCase();
  return sources
    .filter(({ name, site }) => `${name}\n${site}`.toLowerCase().includes(wanted))
    .toSorted(
      (a, b) => b.lastIngested.localeCompare(a.lastIngested) || a.name.localeCompare(b.name),
    );
}
