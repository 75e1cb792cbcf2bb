const day = /^\d{4}-\d\d-\d\d/;

/** "2023-08-16 00:34:24" in UTC; what is no time comes back as it is. */
export function formatTime(iso: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** "2023-08-16 00:34" in UTC. */
export function formatMinute(iso: string): string {
  return formatTime(iso).slice(0, 16);
}

/** "2023-08-16" in UTC. */
export function formatDay(iso: string): string {
  return day.test(formatTime(iso)) ? formatTime(iso).slice(0, 10) : iso;
}

/**
 * A datetime of a query result ("2023-08-16T00:34:24.1234560Z") as people read it: a space,
 * no zone, no trailing zeros of the fraction; nothing is rounded, ticks are kept.
 */
export function formatTicks(value: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(value);
  if (!parts) return value;
  const fraction = (parts[3] ?? "").replace(/0+$/, "");
  return `${parts[1]} ${parts[2]}${fraction === "" ? "" : `.${fraction}`}`;
}
