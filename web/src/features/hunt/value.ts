import { formatTicks } from "@/time/format";

const numeric = ["int", "long", "real", "decimal"];

export function isNumeric(type: string): boolean {
  return numeric.includes(type);
}

/** The text of one value of a result; null and the empty string both give none. */
export function valueText(type: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (type === "datetime" && typeof value === "string") return formatTicks(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

/** A dynamic value laid out over lines, when it is an object or a list; else null. */
export function expanded(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  return JSON.stringify(value, null, 2);
}
