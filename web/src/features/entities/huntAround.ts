import { stringLiteral } from "@/kql/literal";

/** The event to hunt around. */
interface Place {
  /** RFC 3339. */
  time: string;
  /** The device that reported it, "" for none. */
  device: string;
}

/**
 * What else happened in the minutes around an event: on its device, or, when it names none,
 * wherever the entity is spoken of.
 */
export function huntAround({ time, device }: Place, entity: string, minutes: number): string {
  const at = `datetime(${time})`;
  // Tables call the time one or the other.
  const within = [
    "| extend Time = coalesce(Timestamp, TimeGenerated)",
    `| where Time between (${at} - ${minutes}m .. ${at} + ${minutes}m)`,
  ];
  const name = stringLiteral(device);
  const rows =
    device === ""
      ? [`search ${stringLiteral(entity)}`, ...within]
      : [
          "union withsource = Table *",
          ...within,
          `| where DeviceName =~ ${name} or Computer =~ ${name}`,
        ];
  return [...rows, "| sort by Time asc"].join("\n");
}
