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
    `| where Kind == ${stringLiteral(kind)} and Entity == ${stringLiteral(id)}`,
    ...(within === "" ? [] : [`| where ${within}`]),
    "| summarize Records = sum(Records), FirstSeen = min(FirstSeen), LastSeen = max(LastSeen)",
    "    by TableName, SourceKind, DeviceName, Outcome",
    "| sort by Records desc",
  ].join("\n");
}

/** The rows of all tables that hold a text. */
export function searchEverywhere(text: string): string {
  return `search ${stringLiteral(text)}`;
}
