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

/** The same with objects and lists laid out over lines. */
export function wholeText(type: string, value: unknown): string {
  if (typeof value === "object" && value !== null) return JSON.stringify(value, null, 2);
  return valueText(type, value);
}
