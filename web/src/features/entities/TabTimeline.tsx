import { Button, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { FilterRegular } from "@fluentui/react-icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import {
  type Facets,
  facetsQuery,
  type TimelineFilter,
  type TimelinePlace,
  timelineQuery,
} from "@/api/timeline";
import { Card } from "@/components/Card";
import { counted } from "@/components/numbers";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { formatMinute, formatTime } from "@/time/format";
import { shownZone } from "@/time/zone";
import { NotCompared } from "./comparing";
import { EventPanel } from "./EventPanel";
import { TimelineBar } from "./TimelineBar";
import { TimelineFacets } from "./TimelineFacets";
import { type Sight, TimelineList } from "./TimelineList";
import { ExportMenu, Find } from "./TimelineTools";
import { type TimelineColumn, timelineColumns, usualTimelineColumns } from "./timelineColumns";
import { type Choice, choiceOf, filterOf, predicate } from "./timelineFilter";
import { isField, rawIdOf, startAt } from "./timelinePlace";
import { useColumns } from "./useColumns";
import type { EntitySearch, EntityView } from "./view";

const useStyles = makeStyles({
  body: {
    display: "grid",
    gridTemplateColumns: "230px minmax(0, 1fr)",
    gap: "16px",
    alignItems: "start",
    "@media (max-width: 1000px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  // On narrow screens the records come first, and the facets when they are asked for.
  toggle: {
    display: "none",
    justifySelf: "start",
    "@media (max-width: 1000px)": { display: "inline-flex" },
  },
  folded: { "@media (max-width: 1000px)": { display: "none" } },
  main: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "8px", minWidth: 0 },
  line: { display: "flex", flexWrap: "wrap", gap: "4px 8px", alignItems: "center" },
  push: { marginLeft: "auto" },
  bar: { minHeight: "74px" },
  quiet: { color: tokens.colorNeutralForeground3, fontVariantNumeric: "tabular-nums" },
});

/** Where the reading began, the last time one jumped. */
interface Start {
  place: TimelinePlace;
  /** How often one has jumped; the same place can be gone to again. */
  jumps: number;
}

/** All records that name an entity, merged and in order, with ways to find some of them. */
export function TabTimeline({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { search, scope, update, replace } = view;
  const choice = useMemo(() => choiceOf(search.where), [search.where]);
  const field = isField(search.show) ? search.show : undefined;
  const filter = useMemo<TimelineFilter>(
    () => ({ ...filterOf(choice), q: search.find, in: search.find ? field : undefined }),
    [choice, search.find, field],
  );
  // A link to a row begins there; from then on it is the reader who moves.
  const [start, setStart] = useState<Start>(() => ({ place: startAt(search.row), jumps: 0 }));
  const jump = useCallback(
    (place: TimelinePlace) => setStart(({ jumps }) => ({ place, jumps: jumps + 1 })),
    [],
  );
  const [narrowing, setNarrowing] = useState(false);
  const facets = useQuery(facetsQuery(scope, filter));
  const records = useMemo(
    () => timelineQuery(scope, filter, start.place, start.jumps),
    [scope, filter, start],
  );
  // Of the records themselves nothing is told here, so that only their list is drawn with each page.
  const { data: told } = useInfiniteQuery({ ...records, select: toldOf });

  // Other records begin at the newest one again.
  const narrow = (change: Partial<EntitySearch>) => {
    jump({});
    update({ row: undefined, ...change });
  };
  const find = useCallback(
    (text: string) => {
      jump({});
      replace({ find: text || undefined, row: undefined });
    },
    [replace, jump],
  );
  const choose = useCallback(
    (next: Choice) => {
      jump({});
      update({ row: undefined, where: predicate(next) });
    },
    [update, jump],
  );
  const rawId = rawIdOf(search.row);
  const { shown, picker } = useColumns(view, "timeline", timelineColumns, usualTimelineColumns);
  return (
    <Card
      title="Timeline"
      count={facets.data?.total}
      note={`every record that names it, newest first · ${formatMinute(view.period.from)} to ${formatMinute(view.period.to)} ${shownZone()}`}
      query={told?.query}
    >
      <div className={styles.body}>
        <Button
          className={styles.toggle}
          size="small"
          icon={<FilterRegular />}
          aria-expanded={narrowing}
          onClick={() => setNarrowing(!narrowing)}
        >
          {narrowing ? "Hide the facets" : "Narrow by facets"}
        </Button>
        <div
          className={mergeClasses(!narrowing && styles.folded)}
          aria-busy={facets.isPlaceholderData}
        >
          {facets.isPending && <CardSkeleton label="Counting" height={420} />}
          {facets.isError && (
            <Failure
              title="The records were not counted"
              error={facets.error}
              again={facets.refetch}
            />
          )}
          {facets.data && <TimelineFacets facets={facets.data} choice={choice} onChoice={choose} />}
        </div>
        <div className={styles.main}>
          <div className={styles.line}>
            <Find
              text={search.find ?? ""}
              field={field ?? ""}
              onText={find}
              onField={(name) => narrow({ show: name || undefined })}
            />
            <span className={styles.push} />
            {picker}
            <ExportMenu scope={scope} filter={filter} />
          </div>
          {told?.note && (
            <Text size={200} className={styles.quiet}>
              {told.note}
            </Text>
          )}
          <Records
            asked={records}
            columns={shown}
            facets={facets.data}
            row={search.row}
            start={start}
            onJump={jump}
            onOpen={(row) => update({ row })}
          >
            <Nothing view={view} />
          </Records>
        </div>
      </div>
      <NotCompared view={view}>
        a record happens once; Overview, Connections, DNS and Insights say what is new and gone.
      </NotCompared>
      {rawId !== undefined && (
        <EventPanel rawId={rawId} entity={view.entity} onClose={() => update({ row: undefined })} />
      )}
    </Card>
  );
}

interface RecordsProps {
  asked: ReturnType<typeof timelineQuery>;
  columns: readonly TimelineColumn[];
  facets: Facets | undefined;
  row: string | undefined;
  start: Start;
  onJump: (place: TimelinePlace) => void;
  onOpen: (row: string) => void;
  /** What stands in place of the records when there are none. */
  children: ReactNode;
}

/** What the first page says of the records as a whole. */
function toldOf({ pages: [first] }: { pages: readonly { query: string; note?: string }[] }) {
  return { query: first?.query, note: first?.note };
}

function Records({ asked, columns, facets, row, start, onJump, onOpen, children }: RecordsProps) {
  const styles = useStyles();
  const records = useInfiniteQuery(asked);
  const [sight, setSight] = useState<Sight>({ first: 0, last: 0 });
  const items = useMemo(
    () => records.data?.pages.flatMap((page) => page.items ?? []) ?? [],
    [records.data],
  );
  const newest = items[sight.first];
  const oldest = items[sight.last];
  const { fetchNextPage, fetchPreviousPage, isFetching, hasNextPage, hasPreviousPage } = records;
  const older = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const newer = useCallback(() => void fetchPreviousPage(), [fetchPreviousPage]);

  return (
    <>
      {facets?.total !== 0 && (
        <div className={styles.bar}>
          {facets && (
            <TimelineBar
              facets={facets}
              seen={newest && oldest && { newest: newest.time, oldest: oldest.time }}
              onJump={(at) => onJump({ at })}
            />
          )}
        </div>
      )}
      {facets?.total !== 0 && (
        <div className={styles.line}>
          <Text size={200} className={styles.quiet} role="status">
            {newest && oldest
              ? `In sight: ${formatTime(newest.time)} back to ${formatTime(oldest.time)}, of ${facets ? counted(facets.total, "record") : "…"}`
              : ""}
          </Text>
          <span className={styles.push} />
          <TextButton link onClick={() => onJump({})}>
            Newest
          </TextButton>
          <TextButton
            link
            onClick={() => facets?.first && onJump({ at: facets.first, order: "newer" })}
            disabled={!facets?.first}
          >
            Oldest
          </TextButton>
        </div>
      )}
      {records.isPending && <CardSkeleton label="Loading the records" height={560} />}
      {records.isError && (
        <Failure
          title="The records could not be read"
          error={records.error}
          again={records.refetch}
        />
      )}
      {records.data && items.length === 0 && children}
      {items.length > 0 && (
        <TimelineList
          key={start.jumps}
          items={items}
          columns={columns}
          open={row}
          fromOldest={start.place.order === "newer"}
          onOpen={(item) => onOpen(item.cursor)}
          onSight={setSight}
          onOlder={hasNextPage && !isFetching ? older : undefined}
          onNewer={hasPreviousPage && !isFetching ? newer : undefined}
        />
      )}
    </>
  );
}

function Nothing({ view }: { view: EntityView }) {
  const { where, find } = view.search;
  const filters = [where && `the filter ${where}`, find && `the text “${find}”`].filter(Boolean);
  return (
    <Empty>
      Nothing that names <Untrusted>{view.entity.id}</Untrusted> was found in any table between{" "}
      {formatMinute(view.period.from)} and {formatMinute(view.period.to)} {shownZone()}
      {filters.length > 0 && (
        <>
          {" with "}
          <Untrusted>{filters.join(" and ")}</Untrusted>
        </>
      )}
      .
    </Empty>
  );
}
