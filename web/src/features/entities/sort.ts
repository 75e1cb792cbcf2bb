import type { Page } from "@/api/entities";
import type { Sort } from "@/components/DataTable";

type Order = NonNullable<Page["sort"]>;

// An order without a minus puts the latest and the most first, and names from A.
const orders: Record<string, { descending: Order; ascending: Order }> = {
  records: { descending: "records", ascending: "-records" },
  first: { descending: "first", ascending: "-first" },
  last: { descending: "last", ascending: "-last" },
  devices: { descending: "devices", ascending: "-devices" },
  bytes: { descending: "bytes", ascending: "-bytes" },
  name: { descending: "-name", ascending: "name" },
};

/** Reads an order as the API writes it; what is none gives none. */
export function sortOf(text: string | undefined): Sort | undefined {
  for (const [column, { descending, ascending }] of Object.entries(orders)) {
    if (text === descending) return { column, descending: true };
    if (text === ascending) return { column, descending: false };
  }
  return undefined;
}

/** An order as the API writes it. */
export function sortParam({ column, descending }: Sort): Order | undefined {
  return orders[column]?.[descending ? "descending" : "ascending"];
}
