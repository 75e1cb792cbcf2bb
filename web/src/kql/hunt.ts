import { stringLiteral } from "./literal";

/** Where an entity stands in the tables, which is what a hunt for it begins with. */
export function huntQuery(kind: string, id: string, from: string, to: string): string {
  return [
    "SpoorSightings",
    `| where Kind == ${stringLiteral(kind)} and Entity == ${stringLiteral(id)}`,
    `| where LastSeen >= datetime(${from}) and FirstSeen < datetime(${to})`,
    "| summarize Records = sum(Records), FirstSeen = min(FirstSeen), LastSeen = max(LastSeen)",
    "    by TableName, SourceKind, DeviceName, Outcome",
    "| sort by Records desc",
  ].join("\n");
}
