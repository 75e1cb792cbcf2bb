import type { Bucket } from "@/api/timeline";

/** A longer time without records is drawn as long as so many bars. */
const longestGap = 3;

/** Where the bars of a histogram stand, counted in bars from the left. */
export interface Scale {
  offsets: readonly number[];
  /** The bars before which time was left out. */
  cuts: readonly number[];
  length: number;
}

/** Places buckets in the order of time; of long times without records most is left out. */
export function scaleOf(buckets: readonly Bucket[], seconds: number): Scale {
  const offsets: number[] = [];
  const cuts: number[] = [];
  let at = 0;
  let before: number | undefined;
  for (const [i, b] of buckets.entries()) {
    const start = Date.parse(b.start) / (1000 * seconds);
    const gap = before === undefined ? 0 : start - before;
    if (gap - 1 > longestGap) cuts.push(i);
    at += Math.min(gap, longestGap + 1);
    offsets.push(at);
    before = start;
  }
  return { offsets, cuts, length: at + 1 };
}

/** The place of a time (milliseconds) on the scale: within its bar, or at an end of it. */
export function placeOn(
  scale: Scale,
  buckets: readonly Bucket[],
  seconds: number,
  time: number,
): number {
  const i = Math.max(
    0,
    buckets.findLastIndex((b) => Date.parse(b.start) <= time),
  );
  const into = (time - Date.parse(buckets[i]?.start ?? "")) / (1000 * seconds);
  return (scale.offsets[i] ?? 0) + Math.max(0, Math.min(1, into));
}
