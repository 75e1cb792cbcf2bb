import type { EntityKind, Prevalence } from "@/api/entities";
import { counted, formatCount } from "@/components/numbers";
import { formatMinute } from "@/time/format";

/** How widely an entity is seen, in a sentence; of a device, on how many days it reported. */
export function prevalenceWords(
  { days, devices, devicesTotal, rarerThan, rarerAsOf, rarerPending }: Prevalence,
  kind: EntityKind,
): string {
  if (kind === "device") {
    const reported = (days ?? []).filter(({ records }) => records > 0).length;
    return `Records on ${formatCount(reported)} of ${counted(days?.length ?? 0, "day")}`;
  }
  const seen = seenBy(devices, devicesTotal);
  if (rarerThan == null) return rarerPending ? `${seen} · rarity is being counted` : seen;
  const asOf = rarerAsOf ? `, as of ${formatMinute(rarerAsOf)}` : "";
  if (rarerThan === 0) return `${seen}, the most of any external address of the period${asOf}`;
  // Rounded down: all of them never are on more devices.
  const share = rarerThan < 0.001 ? "less than 0.1" : Math.floor(1000 * rarerThan) / 10;
  return `${seen} · rarer than ${share} % of the external addresses of the period${asOf}`;
}

function seenBy(devices: number, total: number): string {
  if (devices > total) return `${counted(devices, "own host")} in this period`;
  if (total === 0) return "No device reports in this period, only sensors that name none";
  return `${formatCount(devices)} of ${counted(total, "device")} with records in this period`;
}
