import { isPreset, type Period, periodOf } from "@/time/range";

/** What the link of an entity page says beside the entity: a preset or a period, and a site. */
export interface EntityView {
  range?: string;
  from?: string;
  to?: string;
  site?: string;
}

/** The period to ask for: the preset's, the one spelled out, or none for the server's default. */
export function periodOfView({ range, from, to }: EntityView, now: Date): Partial<Period> {
  if (range !== undefined && isPreset(range)) return periodOf(range, now);
  return { from, to };
}
