import type { TimelineFilter, TimelinePlace } from "@/api/timeline";

/** The columns that a text can be searched for in. */
export type Field = NonNullable<TimelineFilter["in"]>;

export const fieldNames: Record<Field, string> = {
  device: "Device",
  account: "Account",
  file: "File",
};

export function isField(name: string | undefined): name is Field {
  return name !== undefined && Object.hasOwn(fieldNames, name);
}

const cursor = /^(\d+)\.(\d+)$/;

/** Where a timeline is opened that shows a row, itself among the first; else at its newest. */
export function startAt(row: string | undefined): TimelinePlace {
  const parts = cursor.exec(row ?? "");
  return parts?.[2] ? { cursor: `${parts[1]}.${BigInt(parts[2]) + 1n}` } : {};
}

/** The _RawId in the cursor of a row. */
export function rawIdOf(row: string | undefined): string | undefined {
  return cursor.exec(row ?? "")?.[2];
}
