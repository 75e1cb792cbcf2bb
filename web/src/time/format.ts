import { shownZone, utc } from "./zone";

const day = /^\d{4}-\d\d-\d\d/;

/** "2023-08-16 00:34:24" in the zone that is shown; what is no time comes back as it is. */
export function formatTime(iso: string, zone = shownZone()): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  if (zone === utc) return new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return formatterOf(zone).format(at);
}

/** "2023-08-16 00:34", as formatTime. */
export function formatMinute(iso: string, zone = shownZone()): string {
  return formatTime(iso, zone).slice(0, 16);
}

/** "2023-08-16", as formatTime. */
export function formatDay(iso: string, zone = shownZone()): string {
  return day.test(formatTime(iso, zone)) ? formatTime(iso, zone).slice(0, 10) : iso;
}

/**
 * A datetime of a query result ("2023-08-16T00:34:24.1234560Z") as people read it: a space,
 * no zone, no trailing zeros of the fraction; nothing is rounded, ticks are kept.
 */
export function formatTicks(value: string, zone = shownZone()): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(value);
  if (!parts) return value;
  const fraction = (parts[3] ?? "").replace(/0+$/, "");
  const second = formatTime(`${parts[1]}T${parts[2]}Z`, zone);
  return `${second}${fraction === "" ? "" : `.${fraction}`}`;
}

/**
 * A text of the server in which times stand in UTC ("2023-08-16 00:34:24") with them in the
 * zone that is shown. Days stay, for they are days of UTC.
 */
export function withTimes(text: string, zone = shownZone()): string {
  if (zone === utc) return text;
  return text.replace(/\b(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)?\b/g, (_, date, minute, second) => {
    const shown = formatTime(`${date}T${minute}${second ?? ":00"}Z`, zone);
    return second === undefined ? shown.slice(0, 16) : shown;
  });
}

// Swedish writes times as ISO 8601 does, but for the T.
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  formatters.set(zone, made);
  return made;
}
