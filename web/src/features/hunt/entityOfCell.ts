import type { ResultColumn } from "@/api/query";
import type { NamedEntity } from "@/components/entityActions";

/** The entity that a value of a result names; undefined for what names none. */
export function entityOfCell(
  columns: readonly ResultColumn[],
  row: readonly unknown[],
  at: number,
): NamedEntity | undefined {
  const column = columns[at];
  const value = text(row[at]);
  if (column?.entity === undefined || value === "" || value === "-") return undefined;
  switch (column.entity) {
    case "ip":
      return /^[\da-f.:]+$/i.test(value) ? { kind: "ip", id: value } : undefined;
    case "url":
      return { kind: value.includes("://") ? "url" : "domain", id: value };
    case "account":
      return { kind: "account", id: account(columns, row, column.domain, value) };
    default:
      return { kind: column.entity, id: value };
  }
}

/** DOMAIN\name, where the name does not hold its domain itself. */
function account(
  columns: readonly ResultColumn[],
  row: readonly unknown[],
  domainColumn: string | undefined,
  name: string,
): string {
  const domain = text(row[columns.findIndex((c) => c.name === domainColumn)]);
  return domain === "" || domain === "-" || /[\\@]/.test(name) ? name : `${domain}\\${name}`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
