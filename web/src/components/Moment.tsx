import { formatMinute, formatTime } from "@/time/format";
import { utc } from "@/time/zone";

/** A time in the zone that is shown; pointed at, it says the same in UTC. */
export function Moment({ at, to = "second" }: { at: string; to?: "second" | "minute" }) {
  return (
    <time dateTime={at} title={`${formatTime(at, utc)} UTC`}>
      {to === "second" ? formatTime(at) : formatMinute(at)}
    </time>
  );
}
