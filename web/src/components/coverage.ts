import { stringLiteral } from "@/kql/literal";

/** What there is of one kind of source, at one site. */
export interface Covered {
  sourceKind: string;
  site?: string;
  table: string;
  records: number;
  first: string;
  last: string;
}

/** The query that counts the records of a kind. */
export function kindQuery({ sourceKind, site, table }: Covered): string {
  const at = site === undefined ? "" : ` and _Site == ${stringLiteral(site)}`;
  return `${table}\n| where _SourceKind == ${stringLiteral(sourceKind)}${at}\n| summarize Records = count(), First = min(TimeGenerated), Last = max(TimeGenerated)`;
}

/** When the latest record of any kind is, and the first. */
export function extent(kinds: readonly Covered[]): { first: string; last: string } {
  const firsts = kinds.map(({ first }) => first).sort();
  const lasts = kinds.map(({ last }) => last).sort();
  return { first: firsts[0] ?? "", last: lasts.at(-1) ?? "" };
}
