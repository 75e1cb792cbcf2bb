import type { ConnectionPage } from "@/api/flows";
import type { Sort } from "@/components/DataTable";

const upwards = ["local", "remote", "port"];

const fields = [
  "records",
  "last",
  "first",
  "bytesOut",
  "bytesIn",
  "duration",
  "local",
  "remote",
  "port",
  "beacon",
] as const;

/** The order that a word of the link names; the one with most records first without one. */
export function connectionSort(word: string | undefined): Sort {
  const turned = word?.startsWith("-") ?? false;
  const column = fields.find((f) => f === (turned ? word?.slice(1) : word));
  if (column === undefined) return { column: "records", descending: true };
  return { column, descending: upwards.includes(column) === turned };
}

/** The word for an order: "-" turns the usual one of the field round. */
export function sortedBy({ column, descending }: Sort): ConnectionPage["sort"] {
  const field = fields.find((f) => f === column) ?? "records";
  return descending === upwards.includes(field) ? `-${field}` : field;
}
