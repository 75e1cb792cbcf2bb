import type { TriageRow } from "@/api/triage";
import type { Sort } from "@/components/DataTable";

type Key = (row: TriageRow) => string | number;

const keys: Record<string, Key> = {
  value: (r) => r.value,
  kind: (r) => r.kind ?? r.form,
  first: (r) => r.first ?? "",
  last: (r) => r.last ?? "",
  devices: (r) => r.devices,
  outcome: (r) => r.outcome ?? "",
  country: (r) => r.country ?? "",
  asn: (r) => r.asn ?? 0,
  noise: (r) => r.noise?.[0]?.class ?? "",
  alerts: (r) => r.alerts,
};

/** The rows in an order; what has no value stands at the end whichever way it goes. */
export function sortRows(rows: readonly TriageRow[], sort: Sort | undefined): TriageRow[] {
  const key = sort && keys[sort.column];
  if (!key) return [...rows];
  const blank = (value: string | number) => value === "" || value === 0;
  return rows.toSorted((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (blank(x) !== blank(y)) return blank(x) ? 1 : -1;
    const order = x < y ? -1 : x > y ? 1 : 0;
    return sort.descending ? -order : order;
  });
}

/** Whether its records are counted: those of prefixes, ranges and AS numbers are on their pages alone. */
export function isCounted(r: TriageRow): boolean {
  return r.kind !== undefined;
}

/** The columns of an export. */
export const exportColumns = [
  { name: "observable", type: "string" },
  { name: "form", type: "string" },
  { name: "kind", type: "string" },
  { name: "entity", type: "string" },
  { name: "alias", type: "string" },
  { name: "seen", type: "bool" },
  { name: "first", type: "datetime" },
  { name: "last", type: "datetime" },
  { name: "devices", type: "long" },
  { name: "records", type: "long" },
  { name: "sourceKind", type: "string" },
  { name: "outcome", type: "string" },
  { name: "country", type: "string" },
  { name: "asn", type: "long" },
  { name: "organisation", type: "string" },
  { name: "noise", type: "string" },
  { name: "alerts", type: "long" },
];

export function exportRow(r: TriageRow): unknown[] {
  return [
    r.value,
    r.form,
    r.kind,
    r.id,
    r.alias,
    r.seen,
    r.first,
    r.last,
    isCounted(r) ? r.devices : null,
    isCounted(r) ? r.records : null,
    r.sourceKind,
    r.outcome,
    r.country,
    r.asn,
    r.org,
    noiseText(r),
    r.alerts,
  ];
}

/** "scanner (shodan), vpn (vpn-ipv4, weak)". */
export function noiseText(r: TriageRow): string {
  return (r.noise ?? []).map((n) => `${n.class} (${n.list}${n.weak ? ", weak" : ""})`).join(", ");
}
