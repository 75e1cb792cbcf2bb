import type { Role } from "@/api/entities";
import { stringLiteral } from "@/kql/literal";
import { type Comparison, comparisonsOf, NotComparisons, renamed } from "@/kql/predicate";
import { type Period, periodOfRange } from "@/time/range";
import { type EntitySearch, roles, showPeriod, type Tab } from "./view";

/** The names that a tab's own filters go by, and how many values each may have. */
const ofTab: Partial<Record<Tab, Record<string, "one" | "any" | "flag">>> = {
  alerts: { Severity: "one" },
  timeline: {
    Role: "any",
    Outcome: "any",
    SourceKind: "any",
    Table: "any",
    Device: "any",
    Alert: "flag",
  },
  connections: { Outcome: "one", Protocol: "one", Direction: "one" },
};

/** The tabs whose list can be searched for a text. */
const searchable: readonly Tab[] = ["alerts", "observed", "timeline", "connections"];

/** What the names are called in the tables, for the query page. */
const columns = {
  Time: "TimeGenerated",
  Site: "_Site",
  SourceKind: "_SourceKind",
  Outcome: "_Outcome",
  Device: "DeviceName",
  Table: "$table",
} as const;

/** All that narrows a view, as the predicate of a KQL where: period, site, role, and the tab's own filters. */
export function viewPredicate(search: EntitySearch, period: Period): string {
  const { site, role, where, find } = search;
  return [
    `Time >= datetime(${period.from}) and Time < datetime(${period.to})`,
    site && `Site == ${stringLiteral(site)}`,
    role && `EntityRole == ${stringLiteral(role)}`,
    where,
    find && `Text contains ${stringLiteral(find)}`,
  ]
    .filter(Boolean)
    .join(" and ");
}

/**
 * What of a view changes when its filters are to be a predicate. Throws NotComparisons with
 * what the page cannot show; a query can.
 */
export function viewOf(
  predicate: string,
  tab: Tab,
  shown: Period,
  now: Date,
): Partial<EntitySearch> {
  const own = ofTab[tab] ?? {};
  const change: Partial<EntitySearch> = {
    site: undefined,
    role: undefined,
    find: undefined,
    where: undefined,
  };
  const when: Comparison[] = [];
  const kept: string[] = [];
  const seen = new Set<string>();
  for (const c of comparisonsOf(predicate)) {
    if (c.name === "Time") {
      when.push(c);
      continue;
    }
    if (seen.has(c.name)) throw new NotComparisons(`${c.name} stands in it twice`);
    seen.add(c.name);
    const arity = own[c.name];
    if (c.name === "Site") change.site = only(c);
    else if (c.name === "EntityRole") change.role = roleOf(only(c));
    else if (c.name === "Text") change.find = searched(c, tab);
    else if (arity === undefined) throw new NotComparisons(unknownName(c.name, tab));
    else kept.push(ownTerm(c, arity));
  }
  change.where = kept.length === 0 ? undefined : kept.join(" and ");
  return { ...change, ...periodChange(when, shown, now) };
}

/** The query that keeps what a predicate keeps, of all rows that a query gives. */
export function queryOf(everything: string, predicate: string): string {
  return `${everything}\n| where ${renamed(predicate, columns)}`;
}

function unknownName(name: string, tab: Tab): string {
  const names = ["Time", "Site", "EntityRole", ...Object.keys(ofTab[tab] ?? {})];
  if (searchable.includes(tab)) names.push("Text");
  return `${name} is no filter of this list, which has ${names.join(", ")}`;
}

function texts(c: Comparison): string[] {
  return c.values.map((v) => {
    if (v.kind !== "text") throw new NotComparisons(`${c.name} is compared with a text`);
    return v.text;
  });
}

/** The one text that a name is to be. */
function only(c: Comparison): string {
  const [text, ...more] = texts(c);
  if (text === undefined || more.length > 0 || (c.operator !== "==" && c.operator !== "in")) {
    throw new NotComparisons(`${c.name} can only be == one text here`);
  }
  return text;
}

function roleOf(text: string): Role | undefined {
  const role = roles.find((r) => r === text);
  if (role === undefined) throw new NotComparisons(`EntityRole is one of ${roles.join(", ")}`);
  return role === "any" ? undefined : role;
}

function searched(c: Comparison, tab: Tab): string | undefined {
  if (!searchable.includes(tab)) throw new NotComparisons(unknownName(c.name, tab));
  const [text] = texts(c);
  if (c.operator !== "contains") throw new NotComparisons("Text can only be searched by contains");
  return text || undefined;
}

/** A filter of the tab in the form in which links carry it. */
function ownTerm(c: Comparison, arity: "one" | "any" | "flag"): string {
  if (arity === "flag") {
    const [value] = c.values;
    if (c.operator !== "==" || value?.kind !== "bool" || !value.bool) {
      throw new NotComparisons(`${c.name} can only be == true`);
    }
    return `${c.name} == true`;
  }
  if (arity === "one") return `${c.name} == ${stringLiteral(only(c))}`;
  if (c.operator !== "==" && c.operator !== "in") {
    throw new NotComparisons(`${c.name} can only be == a text, or in a list of them`);
  }
  return `${c.name} in (${texts(c).map(stringLiteral).join(", ")})`;
}

/** The period that the conditions on Time make; none is the page's default. */
function periodChange(
  when: readonly Comparison[],
  shown: Period,
  now: Date,
): Partial<EntitySearch> {
  if (when.length === 0) return showPeriod(null);
  let from: string | undefined;
  let to: string | undefined;
  for (const { operator, values } of when) {
    const [value, last] = values;
    if (value?.kind === "ago" && when.length === 1 && operator.startsWith(">")) {
      if (periodOfRange(value.span, now) === null) {
        throw new NotComparisons(`“${value.span}” is no number of minutes, hours or days`);
      }
      return showPeriod({ range: value.span });
    }
    if (operator === "between") [from, to] = [moment(value), moment(last)];
    else if (operator === ">=" || operator === ">") from = moment(value);
    else if (operator === "<" || operator === "<=") to = moment(value);
    else throw new NotComparisons("Time is bounded by >=, < or between");
  }
  if (from === undefined || to === undefined)
    throw new NotComparisons("Time needs both its bounds");
  if (from >= to) throw new NotComparisons("Time ends before it begins");
  // What did not change goes on to be what it was: a preset, or the default.
  return from === shown.from && to === shown.to ? {} : showPeriod({ from, to });
}

function moment(value: Comparison["values"][number] | undefined): string {
  const at = value?.kind === "time" ? Date.parse(zoned(value.time)) : Number.NaN;
  if (Number.isNaN(at)) throw new NotComparisons("Time is compared with datetime(…)");
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** KQL's times are UTC when they name no zone. */
function zoned(time: string): string {
  return /^\d{4}-\d\d-\d\d$|Z$|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`;
}
