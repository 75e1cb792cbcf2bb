import type { Geo } from "@/api/entities";

/** A point on the map and what it is. */
interface Place {
  latitude: number;
  longitude: number;
  words: string;
}

/** The most precise point that a database gives; null when none gives one. */
export function placeOf(geo: readonly Geo[]): Place | null {
  const found = geo.find((g) => g.latitude != null && g.longitude != null);
  if (found?.latitude == null || found.longitude == null) return null;
  const words = [found.city, found.state, found.country ?? found.countryCode].filter(Boolean);
  return { latitude: found.latitude, longitude: found.longitude, words: words.join(", ") };
}

/** How old data is: "12 days old". */
export function age(builtAt: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(builtAt)) / 86_400_000);
  if (Number.isNaN(days)) return "of unknown age";
  if (days < 1) return "of today";
  if (days < 60) return `${days} ${days === 1 ? "day" : "days"} old`;
  return `${Math.floor(days / 30)} months old`;
}

/** What a database says of the line behind an address, in a line; "" when it says nothing. */
export function lineOf(g: Geo): string {
  return [
    g.isp,
    g.connectionType,
    g.userType !== undefined && g.userType !== g.connectionType?.toLowerCase() && g.userType,
    g.mobileNetwork && `mobile network ${g.mobileNetwork}`,
    ...(g.anonymizers ?? []),
  ]
    .filter(Boolean)
    .join(" · ");
}
