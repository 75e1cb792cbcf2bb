import type { EntityDocument } from "@/api/entities";
import { formatMinute } from "@/time/format";

type Coverage = NonNullable<EntityDocument["coverage"]>[number];

/**
 * From when to when there are records of anything in some sources, as a sentence for a part
 * that found none of the entity; empty when nothing is known of these sources.
 */
export function dataSince(
  coverage: readonly Coverage[] | null | undefined,
  among: (source: Coverage) => boolean,
): string {
  const searched = (coverage ?? []).filter(among);
  const [one] = searched;
  if (one === undefined) return "";
  const first = searched.reduce((at, c) => (c.first < at ? c.first : at), one.first);
  const last = searched.reduce((at, c) => (c.last > at ? c.last : at), one.last);
  const kinds = [...new Set(searched.map((c) => c.sourceKind))].sort();
  const named = kinds.length > 4 ? `${kinds.length} source kinds` : kinds.join(", ");
  return `Searched: ${named}, with records from ${formatMinute(first)} to ${formatMinute(last)}.`;
}
