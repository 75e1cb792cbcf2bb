import { makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { type KeyboardEvent, type MouseEvent, useState } from "react";
import type { Bucket, Facets } from "@/api/timeline";
import { counted, formatCount } from "@/components/numbers";
import { formatDay, formatMinute, formatTime } from "@/time/format";
import { utc } from "@/time/zone";
import { placeOn, scaleOf } from "./timelineScale";

const width = 1000;
const height = 56;
/** The height of the lane of the alerts, above the bars. */
const lane = 8;

const useStyles = makeStyles({
  bar: {
    height: `${height}px`,
    cursor: "pointer",
    borderRadius: tokens.borderRadiusSmall,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  picture: { display: "block", width: "100%", height: "100%" },
  other: { fill: tokens.colorNeutralStroke1 },
  contact: { fill: tokens.colorBrandBackground },
  stopped: { fill: tokens.colorPaletteDarkOrangeBorderActive },
  alert: { fill: tokens.colorPaletteRedBorderActive },
  marked: { fill: tokens.colorNeutralBackground1Selected },
  cut: {
    stroke: tokens.colorNeutralForeground4,
    strokeDasharray: "3 3",
    vectorEffect: "non-scaling-stroke",
  },
  key: { display: "flex", flexWrap: "wrap", gap: "2px 10px" },
  swatch: {
    display: "inline-block",
    width: "9px",
    height: "9px",
    marginRight: "4px",
    backgroundColor: "currentColor",
  },
  contactKey: { color: tokens.colorBrandBackground },
  stoppedKey: { color: tokens.colorPaletteDarkOrangeBorderActive },
  otherKey: { color: tokens.colorNeutralStroke1 },
  alertKey: { color: tokens.colorPaletteRedBorderActive },
  seen: { fill: tokens.colorNeutralBackground3 },
  foot: {
    display: "flex",
    justifyContent: "space-between",
    gap: "8px",
    flexWrap: "wrap",
    minHeight: "16px",
    color: tokens.colorNeutralForeground3,
    fontVariantNumeric: "tabular-nums",
  },
});

interface TimelineBarProps {
  facets: Facets;
  /** The times of the newest and the oldest record in sight. */
  seen?: { newest: string; oldest: string };
  /** Called with the end of the length of time that was chosen. */
  onJump: (time: string) => void;
}

/** The records by time; a bar is where one can jump to. */
export function TimelineBar({ facets, seen, onJump }: TimelineBarProps) {
  const styles = useStyles();
  const { seconds, buckets } = facets.histogram;
  const bars = buckets ?? [];
  const [marked, setMarked] = useState<number>();
  const first = bars[0];
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return null;

  const scale = scaleOf(bars, seconds);
  const unit = width / scale.length;
  const most = Math.max(...bars.map((b) => b.records));
  const x = (i: number) => unit * (scale.offsets[i] ?? 0);
  const barWidth = Math.max(1.5, unit - 1);
  const at = Math.min(marked ?? bars.length - 1, bars.length - 1);
  const current = bars[at] ?? last;
  const place = (time: string) => placeOn(scale, bars, seconds, Date.parse(time));
  const from = place(seen?.oldest ?? last.start);
  const to = place(seen?.newest ?? last.start);
  const jump = (b: Bucket) => onJump(new Date(Date.parse(b.start) + seconds * 1000).toISOString());

  const nearest = (event: MouseEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = (scale.length * (event.clientX - box.left)) / box.width - 0.5;
    const away = (offset: number) => Math.abs(offset - place);
    return scale.offsets.reduce(
      (best, offset, i) => (away(offset) < away(scale.offsets[best] ?? 0) ? i : best),
      0,
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: bars.length - 1,
    };
    const next = target[event.key];
    if (next !== undefined) setMarked(Math.max(0, Math.min(bars.length - 1, next)));
    else if (event.key === "Enter" || event.key === " ") jump(current);
    else return;
    event.preventDefault();
  };

  return (
    <div>
      <div
        className={styles.bar}
        role="slider"
        tabIndex={0}
        aria-label="Jump to a time"
        aria-valuemin={1}
        aria-valuemax={bars.length}
        aria-valuenow={at + 1}
        aria-valuetext={told(current, seconds)}
        onClick={(event) => {
          const i = nearest(event);
          setMarked(i);
          jump(bars[i] ?? last);
        }}
        onMouseMove={(event) => setMarked(nearest(event))}
        onKeyDown={onKeyDown}
      >
        <svg
          className={styles.picture}
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          aria-hidden
        >
          {seen && (
            <rect
              className={styles.seen}
              x={unit * from - 2}
              width={unit * (to - from) + 4}
              y={0}
              height={height}
            />
          )}
          {scale.cuts.map((i) => (
            <line
              key={i}
              className={styles.cut}
              x1={x(i) - 2 * unit}
              x2={x(i) - 2 * unit}
              y1={0}
              y2={height}
            />
          ))}
          {marked !== undefined && (
            <rect className={styles.marked} x={x(at)} width={barWidth} y={0} height={height} />
          )}
          {bars.map((b, i) => (
            <Bar key={b.start} of={b} x={x(i)} width={barWidth} most={most} />
          ))}
        </svg>
      </div>
      <Text size={200} className={styles.foot}>
        <span>{formatMinute(first.start)}</span>
        <span>{told(current, seconds)}</span>
        <span className={styles.key}>
          {[
            { name: "contact", style: styles.contactKey },
            { name: "stopped", style: styles.stoppedKey },
            { name: "other", style: styles.otherKey },
            { name: "of alerts", style: styles.alertKey },
          ].map(({ name, style }) => (
            <span key={name}>
              <span className={mergeClasses(styles.swatch, style)} />
              {name}
            </span>
          ))}
        </span>
        <span>{formatMinute(facets.last ?? last.start)}</span>
      </Text>
    </div>
  );
}

interface BarProps {
  of: Bucket;
  x: number;
  width: number;
  /** The records of the highest bar. */
  most: number;
}

function Bar({ of: b, x, width, most }: BarProps) {
  const styles = useStyles();
  // A few records beside millions are still to be seen.
  const high = (n: number) => (n === 0 ? 0 : Math.max(1.5, ((height - lane) * n) / most));
  const parts = [
    { name: "contact", style: styles.contact, records: b.contact },
    { name: "stopped", style: styles.stopped, records: b.stopped },
    { name: "other", style: styles.other, records: b.records - b.contact - b.stopped },
  ];
  let y = height;
  return (
    <g>
      {parts.map(({ name, style, records }) => {
        y -= high(records);
        return (
          <rect key={name} className={style} x={x} width={width} y={y} height={high(records)} />
        );
      })}
      {b.alerts > 0 && (
        <rect className={styles.alert} x={x} width={width} y={0} height={lane - 3} />
      )}
    </g>
  );
}

function told(b: Bucket, seconds: number): string {
  const when = seconds >= 86400 ? `${formatDay(b.start, utc)} UTC` : formatTime(b.start);
  const parts = [
    counted(b.records, "record"),
    `${formatCount(b.contact)} with contact`,
    `${formatCount(b.stopped)} stopped`,
  ];
  if (b.alerts > 0) parts.push(`${formatCount(b.alerts)} of alerts`);
  return `${when}: ${parts.join(", ")}`;
}
