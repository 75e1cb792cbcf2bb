import { makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { ApiError } from "@/api/client";
import { type EntityKind, entityQuery, kindNames } from "@/api/entities";
import { Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { EntityHeader } from "./EntityHeader";
import { EntityTabs, TabPanel } from "./EntityTabs";
import { LeftPane } from "./LeftPane";
import { PageSkeleton } from "./PageSkeleton";
import {
  changed,
  type EntitySearch,
  type EntityView,
  openTab,
  scopeAsked,
  showPeriod,
  type Tab,
} from "./view";

const useStyles = makeStyles({
  body: {
    display: "grid",
    gridTemplateColumns: "304px minmax(0, 1fr)",
    gap: "12px",
    alignItems: "start",
    "@media (max-width: 1000px)": {
      gridTemplateColumns: "minmax(0, 1fr)",
      // The answer comes before the facts.
      "& > [role=tabpanel]": { order: -1 },
    },
  },
  wide: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
  stale: { opacity: 0.6, transition: `opacity ${tokens.durationNormal}` },
});

/** The tabs that need the width more than the facts beside them. */
const wideTabs: readonly Tab[] = ["observed", "timeline", "connections", "dns", "insights"];

interface EntityPageProps {
  kind: EntityKind;
  id: string;
  search: EntitySearch;
  onSearch: (next: EntitySearch, replace: boolean) => void;
}

/** Everything about one entity; the pages of all kinds are this one. */
export function EntityPage({ kind, id, search, onSearch }: EntityPageProps) {
  const { range, from, to, site, role } = search;
  const asked = useMemo(
    () => scopeAsked(kind, id, { range, from, to, site, role }, new Date()),
    [kind, id, site, role, range, from, to],
  );
  const answer = useQuery(entityQuery(asked));
  const view = useMemo<EntityView | undefined>(() => {
    const page = answer.data;
    if (page === undefined) return undefined;
    const period = { from: page.range.from, to: page.range.to };
    return {
      entity: { kind, id: page.id },
      period,
      scope: { kind, id: page.id, site, role, ...period },
      page,
      search,
      update: (change) => onSearch(changed(search, change), false),
      replace: (change) => onSearch(changed(search, change), true),
    };
  }, [answer.data, kind, site, role, search, onSearch]);

  // The first rendering of a page is long; as a deferred one it is done in small steps.
  const ready = useDeferredValue(view !== undefined, false);

  if (answer.isError) {
    const usual =
      from === undefined && to === undefined
        ? undefined
        : () => onSearch(changed(search, showPeriod(null)), true);
    return <Refused kind={kind} error={answer.error} again={answer.refetch} usual={usual} />;
  }
  if (view === undefined || !ready) return <PageSkeleton kind={kind} id={id} />;
  return <Shown view={view} stale={answer.isPlaceholderData} />;
}

function Shown({ view, stale }: { view: EntityView; stale: boolean }) {
  const styles = useStyles();
  const tab = openTab(view);
  const wide = wideTabs.includes(tab);
  return (
    <>
      <EntityHeader view={view} />
      <EntityTabs view={view} />
      <div className={stale ? styles.stale : undefined} aria-busy={stale}>
        <div className={wide ? styles.wide : styles.body}>
          {!wide && <LeftPane view={view} />}
          <TabPanel tab={tab} view={view} />
        </div>
      </div>
    </>
  );
}

interface RefusedProps {
  kind: EntityKind;
  error: Error;
  again: () => unknown;
  /** Takes the link's own period away; absent when it has none. */
  usual: (() => void) | undefined;
}

function Refused({ kind, error, again, usual }: RefusedProps) {
  const malformed = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return (
    <Failure
      page
      title={malformed ? refusal(kind, usual !== undefined) : "The page could not be read"}
      error={error}
      again={malformed ? undefined : again}
    >
      {malformed && usual && (
        <>
          {" "}
          <TextButton link onClick={usual}>
            Show the usual period
          </TextButton>
        </>
      )}
    </Failure>
  );
}

/** A link with a period of its own may be refused for that, or for what it is about. */
function refusal(kind: EntityKind, withPeriod: boolean): string {
  if (withPeriod) return "The link cannot be shown";
  return `Not a valid ${kind === "ip" || kind === "asn" ? kindNames[kind] : kindNames[kind].toLowerCase()}`;
}
