import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { AlertRegular } from "@fluentui/react-icons";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { TimelineItem } from "@/api/timeline";
import { shownZone } from "@/time/zone";
import type { TimelineColumn } from "./timelineColumns";

const rowHeight = 30;
const listHeight = 560;
/** How many rows before the end the next page is asked for. */
const ahead = 30;

const useStyles = makeStyles({
  scroll: {
    overflow: "auto",
    height: `${listHeight}px`,
    // The rows above are kept in their place by us.
    overflowAnchor: "none",
    ":focus-within": { outline: `1px solid ${tokens.colorNeutralStroke1}` },
  },
  grid: {
    display: "block",
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  block: { display: "block", position: "sticky", top: 0, zIndex: 1 },
  rows: { display: "block", position: "relative" },
  row: {
    display: "grid",
    columnGap: "8px",
    alignItems: "center",
    height: `${rowHeight}px`,
    fontSize: tokens.fontSizeBase200,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    boxSizing: "border-box",
  },
  head: {
    textAlign: "left",
    fontWeight: 600,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  record: {
    position: "absolute",
    left: 0,
    right: 0,
    cursor: "pointer",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  alert: { boxShadow: `inset 3px 0 0 ${tokens.colorPaletteRedBorderActive}` },
  active: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    // The colour of links is too faint on it.
    "& a": { color: tokens.colorNeutralForeground1, textDecorationLine: "underline" },
  },
  lane: {
    display: "grid",
    placeItems: "center",
    color: tokens.colorPaletteRedForeground1,
    fontSize: "16px",
  },
  cell: { padding: 0, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  words: { display: "flex", gap: "3px", overflow: "hidden" },
});

/** Which records are in sight, as their places in the list. */
export interface Sight {
  first: number;
  last: number;
}

interface TimelineListProps {
  items: readonly TimelineItem[];
  /** What is shown of a record; it must keep its identity. */
  columns: readonly TimelineColumn[];
  /** The row that is open, by its cursor. */
  open?: string;
  /** Whether the oldest record is what is first in sight. */
  fromOldest: boolean;
  onOpen: (item: TimelineItem) => void;
  onSight: (sight: Sight) => void;
  /** Asks for more at an end; absent when there is no more, or it is on its way. */
  onOlder?: () => void;
  onNewer?: () => void;
}

/** The records in order, newest first; only those in sight are drawn. */
export function TimelineList(props: TimelineListProps) {
  const { items, columns, open, fromOldest, onOpen, onSight, onOlder, onNewer } = props;
  const styles = useStyles();
  const scroll = useRef<HTMLElement>(null);
  const [active, setActive] = useState(open);
  const at = Math.max(
    0,
    items.findIndex((item) => item.cursor === active),
  );
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    scrollPaddingStart: rowHeight,
    overscan: 10,
    initialRect: { width: 0, height: listHeight },
  });

  const oldestFirst = useRef(fromOldest);
  useLayoutEffect(() => {
    if (oldestFirst.current && scroll.current)
      scroll.current.scrollTop = scroll.current.scrollHeight;
  }, []);

  // What comes or goes above what is in sight does not move it. That is known before drawing:
  // otherwise other rows would be drawn at the old place, and these again.
  const before = useRef(items);
  const moved = useRef(0);
  if (before.current !== items) {
    const by = shift(before.current, items) * rowHeight;
    virtual.scrollOffset = (virtual.scrollOffset ?? 0) + by;
    moved.current += by;
    before.current = items;
  }
  useLayoutEffect(() => {
    if (moved.current !== 0 && scroll.current) scroll.current.scrollTop += moved.current;
    moved.current = 0;
  });

  const shown = virtual.getVirtualItems();
  const first = virtual.range?.startIndex ?? 0;
  const last = Math.min(virtual.range?.endIndex ?? 0, items.length - 1);
  useEffect(() => onSight({ first, last }), [first, last, onSight]);
  useEffect(() => {
    if (onOlder && last >= items.length - ahead) onOlder();
    else if (onNewer && first < ahead) onNewer();
  }, [first, last, items.length, onOlder, onNewer]);

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, last - first - 1);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
    };
    const step = steps[event.key];
    const current = items[at];
    if (step !== undefined) {
      const next = Math.max(
        0,
        Math.min(items.length - 1, active === undefined ? first : at + step),
      );
      setActive(items[next]?.cursor);
      virtual.scrollToIndex(next);
    } else if (event.key === "Enter" && active !== undefined && current) onOpen(current);
    else return;
    event.preventDefault();
  };

  const onClick = (event: MouseEvent) => {
    const at = event.target instanceof Element ? event.target : null;
    // The chip in a row has its own clicks.
    if (at === null || at.closest("a, button")) return;
    const row = at.closest("tr")?.id;
    const item = items.find((i) => rowID(i) === row);
    if (item === undefined) return;
    setActive(item.cursor);
    onOpen(item);
  };

  const { template, width } = useMemo(() => gridOf(columns), [columns]);
  const activeItem = active === undefined ? undefined : items[at];
  return (
    <section ref={scroll} className={styles.scroll} aria-label="Records" tabIndex={-1}>
      <table
        className={styles.grid}
        style={{ minWidth: width }}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: walked by the arrow keys it is a grid
        role="grid"
        aria-label="Records"
        aria-rowcount={-1}
        aria-activedescendant={activeItem && rowID(activeItem)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <thead className={styles.block}>
          <tr
            className={mergeClasses(styles.row, styles.head)}
            style={{ gridTemplateColumns: template }}
          >
            <th className={styles.cell} scope="col">
              <AlertRegular aria-label="Alert" />
            </th>
            {columns.map(({ id, header }) => (
              <th key={id} scope="col" className={styles.cell}>
                {id === "time" ? `${header} (${shownZone()})` : header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const item = items[index];
            return (
              item && (
                <Row
                  key={item.cursor}
                  item={item}
                  columns={columns}
                  template={template}
                  top={start}
                  active={item.cursor === activeItem?.cursor}
                />
              )
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** By how many rows those that both lists have stand lower in the second one. */
function shift(before: readonly TimelineItem[], after: readonly TimelineItem[]): number {
  const places = new Map(before.map((item, i) => [item.cursor, i]));
  for (const [i, item] of after.entries()) {
    const was = places.get(item.cursor);
    if (was !== undefined) return i - was;
  }
  return 0;
}

function rowID(item: TimelineItem): string {
  return `record-${item.rawId}`;
}

/** The tracks of the grid, the lane of alerts before them, and how wide it is at least. */
function gridOf(columns: readonly TimelineColumn[]): { template: string; width: number } {
  const width = columns.reduce((sum, { min }) => sum + min + 8, 22);
  return { template: `22px ${columns.map((c) => c.track).join(" ")}`, width };
}

interface RowProps {
  item: TimelineItem;
  columns: readonly TimelineColumn[];
  template: string;
  top: number;
  active: boolean;
}

/** Scrolling draws the list anew at every step, but of its rows only those that come. */
const Row = memo(function Row({ item, columns, template, top, active }: RowProps) {
  const styles = useStyles();
  return (
    <tr
      id={rowID(item)}
      aria-selected={active}
      className={mergeClasses(
        styles.row,
        styles.record,
        item.alert && styles.alert,
        active && styles.active,
      )}
      style={{ top, gridTemplateColumns: template }}
    >
      <Cells item={item} columns={columns} />
    </tr>
  );
});

/** What stands in a row stays as it is when the row moves, as all do when others go above them. */
const Cells = memo(function Cells({ item, columns }: Pick<RowProps, "item" | "columns">) {
  const styles = useStyles();
  return (
    <>
      <td className={styles.lane}>{item.alert && <AlertRegular aria-label="alert" />}</td>
      {columns.map(({ id, words, cell }) => (
        <td key={id} className={words ? styles.words : styles.cell}>
          {cell(item)}
        </td>
      ))}
    </>
  );
});
