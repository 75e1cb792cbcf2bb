import { formatMinute } from "./format";

/** The periods that a page offers; bounds are whole UTC days including today, except 24 h. */
export const presets = ["24h", "7d", "30d", "90d"] as const;

export type Preset = (typeof presets)[number];

/** A half-open period, in RFC 3339. */
export interface Period {
  from: string;
  to: string;
}

/** The range of everything there is. */
export const allTime = "all";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const days: Record<Exclude<Preset, "24h">, number> = { "7d": 7, "30d": 30, "90d": 90 };

export function isPreset(text: string): text is Preset {
  return presets.some((p) => p === text);
}

/** The period of a preset at a point in time. */
export function periodOf(preset: Preset, now: Date): Period {
  if (preset === "24h") return period(now.getTime() - day, now.getTime());
  const tomorrow = startOfDay(now.getTime()) + day;
  return period(tomorrow - days[preset] * day, tomorrow);
}

/**
 * The period of a range at a point in time: a preset, "all", or a number of minutes, hours
 * or days such as "36h". Days are whole UTC days, today included. null for other words.
 */
export function periodOfRange(range: string, now: Date): Period | null {
  if (isPreset(range)) return periodOf(range, now);
  if (range === allTime) return period(0, startOfDay(now.getTime()) + day);
  const parts = /^([1-9]\d{0,4})([mhd])$/.exec(range);
  if (!parts) return null;
  const n = Number(parts[1]);
  if (parts[2] === "d") {
    const tomorrow = startOfDay(now.getTime()) + day;
    return period(tomorrow - n * day, tomorrow);
  }
  return period(now.getTime() - n * (parts[2] === "h" ? hour : minute), now.getTime());
}

/** A range in words: "Last 36 hours"; null for other words. */
export function describeRange(range: string): string | null {
  if (range === allTime) return "All time";
  const parts = /^([1-9]\d{0,4})([mhd])$/.exec(range);
  if (!parts) return null;
  const unit = { m: "minute", h: "hour", d: "day" }[parts[2] ?? ""];
  return parts[1] === "1" ? `Last ${unit}` : `Last ${parts[1]} ${unit}s`;
}

/** The period of whole UTC days from first to last, both "2006-01-02" and both included. */
export function periodOfDays(first: string, last: string): Period {
  const [a, b] = first <= last ? [first, last] : [last, first];
  return period(Date.parse(`${a}T00:00:00Z`), Date.parse(`${b}T00:00:00Z`) + day);
}

/** The period of the same length that ends where a period begins. */
export function periodBefore({ from, to }: Period): Period {
  const [a, b] = [Date.parse(from), Date.parse(to)];
  return period(a - (b - a), a);
}

/** The last whole or begun day of a period, as "2006-01-02". */
export function lastDay({ to }: Pick<Period, "to">): string {
  return new Date(Date.parse(to) - 1).toISOString().slice(0, 10);
}

/** "2023-08-16 – 2023-08-27", with the times of day where the period has them. */
export function describePeriod({ from, to }: Period): string {
  const a = Date.parse(from);
  const b = Date.parse(to);
  if (Number.isNaN(a) || Number.isNaN(b)) return `${from} – ${to}`;
  if (a % day !== 0 || b % day !== 0) return `${minuteOf(a)} – ${minuteOf(b)}`;
  const [first, last] = [from.slice(0, 10), lastDay({ to })];
  return first === last ? first : `${first} – ${last}`;
}

function startOfDay(at: number): number {
  return Math.floor(at / day) * day;
}

function period(from: number, to: number): Period {
  return { from: rfc3339(from), to: rfc3339(to) };
}

function rfc3339(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function minuteOf(at: number): string {
  return formatMinute(new Date(at).toISOString());
}
