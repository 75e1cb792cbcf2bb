/** A kept set of columns, as far as it is looked up by its name. */
interface NamedSet {
  name: string;
  columns: string[] | null;
}

/**
 * The columns that a link asks for, in the table's own order: those that it names with
 * commas between, or those of the kept set whose name it gives; else the usual ones. The
 * first column says what a row is about, and always stays.
 */
export function chosenColumns(
  word: string | undefined,
  known: readonly string[],
  usual: readonly string[],
  sets: readonly NamedSet[],
): string[] {
  const named = sets.find((set) => set.name === word)?.columns ?? word?.split(",") ?? [];
  const chosen = named.some((id) => known.includes(id)) ? named : usual;
  return known.filter((id, at) => at === 0 || chosen.includes(id));
}

/** What a link says to ask for columns; the usual ones leave no trace. */
export function columnsWord(chosen: readonly string[], usual: readonly string[]) {
  const same = chosen.length === usual.length && chosen.every((id) => usual.includes(id));
  return same ? undefined : chosen.join(",");
}
