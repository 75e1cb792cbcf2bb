import type { Difference, Differing } from "@/api/entities";

/** How one of a list stands against what the page is compared with. */
export type Compared = Pick<Differing, "state" | "b" | "scoreB">;

/** Finds each by its name; undefined where the server did not list all that differ. */
export function comparedBy(difference: Difference): (name: string) => Compared | undefined {
  const items = difference.items ?? [];
  const listed = new Map(items.map((item) => [item.name, item]));
  const all = items.length === difference.new + difference.gone + difference.changed;
  return (name) => listed.get(name) ?? (all ? { state: "same", b: 0 } : undefined);
}

/** The names of those that are no longer there, and how many more there are. */
export function goneOf(difference: Difference, most: number): { names: string[]; more: number } {
  const names = (difference.items ?? [])
    .filter(({ state }) => state === "gone")
    .slice(0, most)
    .map(({ name }) => name);
  return { names, more: difference.gone - names.length };
}
