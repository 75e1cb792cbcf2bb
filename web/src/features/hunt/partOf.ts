/** Some columns of a result, by their places, with what its rows have in them. */
export function partOf<C>(
  columns: readonly C[],
  rows: readonly (readonly unknown[])[],
  places: readonly number[],
): { columns: C[]; rows: unknown[][] } {
  const wanted = new Set(places);
  return {
    columns: columns.filter((_, at) => wanted.has(at)),
    rows: rows.map((row) => row.filter((_, at) => wanted.has(at))),
  };
}
