import type { KeptPlace, PlaceHistory } from "@/api/entities";
import { formatDay } from "@/time/format";

/** What a database said, in a line. */
export function placeWords(p: KeptPlace): string {
  const announced = [p.asn ? `AS${p.asn}` : "", p.org].filter(Boolean).join(" ");
  const place = [p.city, p.state, p.country ?? p.countryCode].filter(Boolean).join(", ");
  return [place, announced].filter(Boolean).join(" · ") || noRecord;
}

const noRecord = "not in database";

/** One day, or the first and the last of some. */
function daysWords(from: string, to: string): string {
  const [first, last] = [formatDay(from), formatDay(to)];
  return first === last ? first : `${first} – ${last}`;
}

/** When the builds that said it were made. */
export function buildsOf(p: KeptPlace): string {
  return daysWords(p.builtFrom, p.builtTo);
}

/** How what is kept stands to a period. */
export interface WhenSeen {
  /** Said something else than now. */
  other: KeptPlace[];
  /** Said then what is said now. */
  same: KeptPlace[];
  /** Say what is said now, but are younger than records of the period. */
  younger: KeptPlace[];
}

/** Sorts what was in force in the period; databases that had no record then and have none now say nothing. */
export function whenSeen(history: PlaceHistory): WhenSeen {
  const inForce = (history.items ?? []).filter(
    (p) => p.inForce && (p.differs || placeWords(p) !== noRecord),
  );
  return {
    other: inForce.filter((p) => p.differs),
    same: inForce.filter((p) => !p.differs && !p.oldest),
    younger: inForce.filter((p) => !p.differs && p.oldest),
  };
}

/** "2013-09-15", or the two days between which the records of the period are. */
export function daysOf({ first, last }: PlaceHistory): string {
  return first == null || last == null ? "" : daysWords(first, last);
}

/** The databases that said more than one thing, each with all of it. */
export function changesOf(history: PlaceHistory): [database: string, said: KeptPlace[]][] {
  const items = history.items ?? [];
  const databases = [...new Set(items.map((p) => p.database))];
  return databases
    .map((name): [string, KeptPlace[]] => [name, items.filter((p) => p.database === name)])
    .filter(([, said]) => said.length > 1);
}

/** "a, b and c" of names that come more than once. */
export function namesOf(places: readonly KeptPlace[]): string {
  return [...new Set(places.map((p) => p.database))].join(", ");
}

/** From the earliest to the latest of their first builds. */
export function builtOf(places: readonly KeptPlace[]): string {
  const built = places.map((p) => p.builtFrom).sort();
  const [from, to] = [built[0], built.at(-1)];
  return from === undefined || to === undefined ? "" : daysWords(from, to);
}
