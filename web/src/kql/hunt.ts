import { stringLiteral } from "./literal";

/** A period, as far as it is bounded, in RFC 3339. */
interface Bounds {
  from?: string;
  to?: string;
}

/** Where an entity stands in the tables, which is what a hunt for it begins with. */
export function huntQuery(kind: string, id: string, { from, to }: Bounds = {}): string {
  const bounds = [from && `LastSeen >= datetime(${from})`, to && `FirstSeen < datetime(${to})`];
  const within = bounds.filter(Boolean).join(" and ");
  return [
    "SpoorSightings",
    `| where ${stands(kind, id)}`,
    ...(within === "" ? [] : [`| where ${within}`]),
    "| summarize Records = sum(Records), FirstSeen = min(FirstSeen), LastSeen = max(LastSeen)",
    "    by TableName, SourceKind, DeviceName, Outcome",
    "| sort by Records desc",
  ].join("\n");
}

/** Which sightings are of the entity: of a prefix, those of its addresses. */
function stands(kind: string, id: string): string {
  const text = stringLiteral(id);
  if (kind !== "cidr") return `Kind == ${stringLiteral(kind)} and Entity == ${text}`;
  return `Kind == "ip" and ipv${id.includes(":") ? 6 : 4}_is_in_range(Entity, ${text})`;
}

/** The rows of all tables that hold a text. */
export function searchEverywhere(text: string): string {
  return `search ${stringLiteral(text)}`;
}

/** The rows that a source has in a table. */
export function rowsOfSource(
  table: string,
  { name, site }: { name: string; site: string },
): string {
  return `${table}
| where _SourceName == ${stringLiteral(name)} and _Site == ${stringLiteral(site)}`;
}
