import type { Difference, Differing } from "@/api/entities";

/** How one of a list stands against what the page is compared with. */
export interface Compared extends Pick<Differing, "b" | "scoreB"> {
  state: Differing["state"] | "same";
}

/** Finds each by its name; undefined where the server lists it nowhere, or not all. */
export function comparedBy(difference: Difference): (name: string) => Compared | undefined {
  const known = new Map<string, Compared>(
    (difference.sameNames ?? []).map((name) => [name, { state: "same", b: 0 }]),
  );
  for (const item of difference.items ?? []) known.set(item.name, item);
  return (name) => known.get(name);
}

/** The names of those that are no longer there, and how many more there are. */
export function goneOf(difference: Difference, most: number): { names: string[]; more: number } {
  const names = (difference.items ?? [])
    .filter(({ state }) => state === "gone")
    .slice(0, most)
    .map(({ name }) => name);
  return { names, more: difference.gone - names.length };
}
