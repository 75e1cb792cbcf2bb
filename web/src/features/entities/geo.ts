import type { Geo, LineAnswer, LineList } from "@/api/entities";
import { formatDay } from "@/time/format";

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

/** Whose line it is, by a database, in a line; "" when it does not say. */
export function carrierOf(g: Geo): string {
  return [g.isp, g.mobileNetwork && `mobile network ${g.mobileNetwork}`]
    .filter(Boolean)
    .join(" · ");
}

/** What kind of line it is, by a database, in a line; "" when it does not say. */
export function lineOf(g: Geo): string {
  return [
    g.connectionType,
    g.userType !== undefined && g.userType !== g.connectionType?.toLowerCase() && g.userType,
    ...(g.anonymizers ?? []),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Where an answer about the kind of line comes from: list, date, what of it fits, how strong it is. */
export function lineSource(a: LineAnswer): string {
  return [
    `${a.list}, ${formatDay(a.dated)}`,
    a.asn ? `all of AS${a.asn}` : a.entry,
    a.weak && "a broad list, a weak sign",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What lists were asked in vain, each with what it would have said: "hosting (a, b), VPN (c)". */
export function linesAsked(asked: readonly LineList[]): string {
  const types = [...new Set(asked.map((l) => l.type))];
  return types
    .map((type) => {
      const lists = asked.filter((l) => l.type === type).map((l) => l.list);
      return `${type} (${lists.join(", ")})`;
    })
    .join(", ");
}
