import type { AlertPage } from "@/api/entities";
import type { Sort } from "@/components/DataTable";

type Order = NonNullable<AlertPage["sort"]>;

// Without a minus: the latest and the gravest first, and texts from A.
const orders: Record<string, { descending: Order; ascending: Order }> = {
  time: { descending: "time", ascending: "-time" },
  severity: { descending: "severity", ascending: "-severity" },
  title: { descending: "-title", ascending: "title" },
  source: { descending: "-source", ascending: "source" },
};

/** The order of alerts that a link asks for, in the table's and in the API's words. */
export function alertOrder(text: string | undefined): { sort: Sort; param: Order } {
  for (const [column, { descending, ascending }] of Object.entries(orders)) {
    if (text === descending) return { sort: { column, descending: true }, param: descending };
    if (text === ascending) return { sort: { column, descending: false }, param: ascending };
  }
  return { sort: { column: "time", descending: true }, param: "time" };
}

/** What a link says for an order; the one that alerts begin in leaves no trace. */
export function alertOrderWord({ column, descending }: Sort): string | undefined {
  const word = orders[column]?.[descending ? "descending" : "ascending"];
  return word === "time" ? undefined : word;
}
