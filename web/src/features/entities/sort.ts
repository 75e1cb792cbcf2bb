import type { Sort } from "@/components/DataTable";

/** An order as the API writes it: the column, with a minus when descending. */
export function sortParam({ column, descending }: Sort): string {
  return descending ? `-${column}` : column;
}
