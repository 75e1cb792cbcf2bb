/** The zone of the organisation's clocks, and of every number that is counted by days. */
export const utc = "UTC";

/** Stands for whatever zone the browser is in. */
export const browserZone = "local";

// One zone for all pages, as the user chose it. The app draws its pages anew when it changes.
let chosen = utc;

/** The name of the zone in which times are shown, after IANA. */
export function shownZone(): string {
  return chosen;
}

/** Shows all times in a zone from now on; in UTC, when there is no such zone. */
export function showZone(zone: string): void {
  chosen = zoneOf(zone) ?? utc;
}

/** The zone that a choice means; undefined for what is none. */
export function zoneOf(choice: string): string | undefined {
  const name = choice === browserZone ? browsersOwn() : choice;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name;
  } catch {
    return undefined;
  }
}

/** The names of all zones that the browser knows, UTC first. */
export function allZones(): string[] {
  return [utc, ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== utc)];
}

/** "UTC", or "Europe/Berlin (UTC+2)", as it is at a time. */
export function describeZone(zone: string, at: Date): string {
  if (zone === utc) return utc;
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName");
  return `${zone} (${(parts?.value ?? "").replace("GMT", "UTC")})`;
}

function browsersOwn(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
