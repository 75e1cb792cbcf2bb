/** More columns than these are looked through for empty ones. */
export const manyColumns = 60;

/** The indexes of the columns of a result that hold a value in any row. */
export function filledColumns(count: number, rows: readonly (readonly unknown[])[]): number[] {
  const filled = new Set<number>();
  for (const row of rows) {
    for (const [i, value] of row.entries()) {
      if (value !== null && value !== undefined && value !== "") filled.add(i);
    }
  }
  return Array.from({ length: count }, (_, i) => i).filter((i) => filled.has(i));
}
