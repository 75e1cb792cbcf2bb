import { stringLiteral } from "@/kql/literal";

/** The event to hunt around. */
interface Place {
  /** RFC 3339. */
  time: string;
  /** The device that reported it, "" for none. */
  device: string;
  /** Those of its tables that call the device Computer. */
  computerTables: readonly string[];
}

/** What hosts report of themselves; these tables share their time and the name of the device. */
const deviceTables = [
  "DeviceEvents",
  "DeviceFileEvents",
  "DeviceImageLoadEvents",
  "DeviceLogonEvents",
  "DeviceNetworkEvents",
  "DeviceProcessEvents",
  "DeviceRegistryEvents",
];

/** What is worth reading of their rows; all columns of all tables would be too much to send. */
const told = [
  "ActionType",
  "FileName",
  "FolderPath",
  "ProcessCommandLine",
  "RemoteIP",
  "RemotePort",
  "RemoteUrl",
  "LocalIP",
  "RegistryKey",
  "RegistryValueData",
  "AccountDomain",
  "AccountName",
  "InitiatingProcessFileName",
  "InitiatingProcessCommandLine",
  "_Outcome",
  "_RawId",
];

/**
 * What else happened in the minutes around an event: on its device, or, when it names none,
 * wherever the entity is spoken of.
 */
export function huntAround(
  { time, device, computerTables }: Place,
  entity: string,
  minutes: number,
): string {
  const at = `datetime(${time})`;
  const within = `between (${at} - ${minutes}m .. ${at} + ${minutes}m)`;
  if (device === "") {
    // Tables call the time one or the other.
    return [
      `search ${stringLiteral(entity)}`,
      "| extend Time = coalesce(Timestamp, TimeGenerated)",
      `| where Time ${within}`,
      "| sort by Time asc",
    ].join("\n");
  }
  const name = stringLiteral(device);
  return [
    `union withsource = Table ${deviceTables.join(", ")}`,
    `| where Timestamp ${within} and DeviceName =~ ${name}`,
    `| project Time = Timestamp, Table, DeviceName, ${told.join(", ")}`,
    ...computerTables.map((table) =>
      [
        `| union (${table}`,
        `    | where TimeGenerated ${within} and Computer =~ ${name}`,
        `    | project Time = TimeGenerated, Table = "${table}", DeviceName = Computer, Fields = pack_all(true))`,
      ].join("\n"),
    ),
    "| sort by Time asc",
  ].join("\n");
}
