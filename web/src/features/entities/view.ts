import type { EntityDocument, EntityKind, EntityScope, Role } from "@/api/entities";
import { isMany } from "@/api/kinds";
import { type Period, periodOfRange } from "@/time/range";

/** The tabs of an entity page, in their order, with their names. */
export const tabNames = {
  overview: "Overview",
  alerts: "Incidents and alerts",
  observed: "Observed in organisation",
  timeline: "Timeline",
  connections: "Connections",
  dns: "DNS and TLS",
  intel: "Threat intelligence",
  insights: "Insights",
  notes: "Notes and audit",
} as const;

/** The tabs that the page of many addresses does not have: they are about a single one. */
const ofOne: readonly Tab[] = ["dns", "intel", "insights"];

/** The kinds that no log ties to a name or a certificate. */
const nameless: readonly EntityKind[] = ["account", "hash"];

/** The tabs of the page of an entity. */
export function tabsOf(kind: EntityKind): Tab[] {
  return Object.keys(tabNames)
    .filter(isTab)
    .filter((tab) => !isMany(kind) || !ofOne.includes(tab))
    .filter((tab) => tab !== "dns" || !nameless.includes(kind));
}

/** The roles that a page can be narrowed to, in the order in which they are offered. */
export const roles: readonly Role[] = ["any", "source", "destination", "local", "nat", "forwarded"];

export type Tab = keyof typeof tabNames;

/**
 * What the link of an entity page says beside the entity: the whole state of the view. All
 * is optional; what is absent has its default and leaves no trace in the link.
 */
export interface EntitySearch {
  tab?: Tab;
  /** A preset ("7d", "all") or any number of minutes, hours or days ("36h"), ending now. */
  range?: string;
  /** The bounds of a period, in RFC 3339, when no range is given; to is exclusive. */
  from?: string;
  to?: string;
  site?: string;
  role?: Role;
  /** What to compare with: "previous" for the equal period before, or what compareWith reads. */
  compare?: string;
  /** The filters of the tab's list, as the predicate of a KQL where. */
  where?: string;
  /** The text that the tab's list is searched for. */
  find?: string;
  /** The order of the tab's list: a column, "-" before it turns it round. */
  sort?: string;
  /** The columns of the tab's list, by name with commas between, or the name of a kept set. */
  columns?: string;
  /** The columns of the tab's small tables, as tableColumns reads them. */
  tables?: string;
  /** The row that is selected, by its id: the cursor of an event, the name of a device. */
  row?: string;
  /** Which of its forms the tab shows, where it has several: a table, a picture. */
  show?: string;
}

/** What belongs to one tab and ends when another is opened. */
const ofTab = {
  where: undefined,
  find: undefined,
  sort: undefined,
  columns: undefined,
  tables: undefined,
  row: undefined,
  show: undefined,
};

/** What every tab of an entity page is given. */
export interface EntityView {
  entity: { kind: EntityKind; id: string };
  /** The period that is shown, as the server resolved it. */
  period: Period;
  /** What every question to the server about this view says: entity, period, site and role. */
  scope: Required<Pick<EntityScope, "from" | "to">> & EntityScope;
  /** The document of the entity for this scope. */
  page: EntityDocument;
  /** The link's own words. */
  search: EntitySearch;
  /** Changes some of them; undefined takes one out. It is a step in the browser's history. */
  update: (change: Partial<EntitySearch>) => void;
  /** The same without a step, for what changes with every key that is typed. */
  replace: (change: Partial<EntitySearch>) => void;
}

/** Reads the words of a link; those that mean nothing are left out. */
export function entitySearch(words: Record<string, unknown>): EntitySearch {
  const tab = text(words.tab);
  const role = text(words.role);
  return {
    tab: tab !== undefined && isTab(tab) ? tab : undefined,
    range: text(words.range),
    from: text(words.from),
    to: text(words.to),
    site: text(words.site),
    role: roles.find((r) => r === role && r !== "any"),
    compare: text(words.compare),
    where: text(words.where),
    find: text(words.find),
    sort: text(words.sort),
    columns: text(words.columns),
    tables: text(words.tables),
    row: text(words.row),
    show: text(words.show),
  };
}

/** The view after a change: another tab begins without what belonged to the last one. */
export function changed(search: EntitySearch, change: Partial<EntitySearch>): EntitySearch {
  const next = "tab" in change && change.tab !== search.tab ? { ...search, ...ofTab } : search;
  return { ...next, ...change };
}

/** The tab that the link opens; one that the page does not have opens the first. */
export function openTab({ search, entity }: Pick<EntityView, "search" | "entity">): Tab {
  const { tab } = search;
  return tab !== undefined && tabsOf(entity.kind).includes(tab) ? tab : "overview";
}

/** What a link to another entity says so that its page shows the same period and site. */
export function sameStory({ search, period, scope }: EntityView): Partial<EntitySearch> {
  const when = search.range === undefined ? period : { range: search.range };
  return { ...when, site: scope.site };
}

/** The change that shows another period: bounds, a range, or neither for the default. */
export function showPeriod(shown: { range: string } | Period | null): Partial<EntitySearch> {
  return { range: undefined, from: undefined, to: undefined, ...shown };
}

/** The period to ask for: the range's, the one spelled out, or none for the server's default. */
export function periodOfSearch({ range, from, to }: EntitySearch, now: Date): Partial<Period> {
  return (range !== undefined && periodOfRange(range, now)) || { from, to };
}

/** What the document of a page is asked for with. */
export function scopeAsked(
  kind: EntityKind,
  id: string,
  search: EntitySearch,
  now: Date,
): EntityScope {
  const { site, role } = search;
  return { kind, id, site, role, ...periodOfSearch(search, now) };
}

/** Whether the period ends at the moment, and not with a day. */
export function endsNow({ range }: EntitySearch): boolean {
  return range !== undefined && /[hm]$/.test(range);
}

export function isTab(name: string): name is Tab {
  return Object.hasOwn(tabNames, name);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
