import type { TimelineFilter } from "@/api/timeline";
import { stringLiteral } from "@/kql/literal";
import { comparisonsOf, NotComparisons } from "@/kql/predicate";

/** The parts of a filter that are chosen from lists, by the name they have in a link. */
const parts = {
  Role: "roles",
  Outcome: "outcome",
  SourceKind: "sourceKind",
  Table: "table",
  Device: "device",
} as const satisfies Record<string, keyof TimelineFilter>;

/** A part of a filter that is chosen from a list. */
export type Part = (typeof parts)[keyof typeof parts];

/** The chosen values, any of which a record may have; and whether only alerts are kept. */
export interface Choice extends Partial<Record<Part, string[]>> {
  alerts?: true;
}

const roles = [
  "source",
  "destination",
  "local",
  "remote",
  "nat",
  "forwarded",
  "assigned",
  "evidence",
  "answer",
  "mentioned",
] as const satisfies TimelineFilter["roles"];

const outcomes = [
  "none",
  "established",
  "permitted",
  "refused",
  "unanswered",
  "blocked",
  "unknown",
  "icmp",
] as const satisfies TimelineFilter["outcome"];

/** The choice as the server takes it, without roles and outcomes that there are not. */
export function filterOf(choice: Choice): TimelineFilter {
  return {
    ...choice,
    roles: roles.filter((r) => choice.roles?.includes(r)),
    outcome: outcomes.filter((o) => choice.outcome?.includes(o)),
  };
}

/** The choice as a predicate, which is how it stands in a link; undefined when all is kept. */
export function predicate(choice: Choice): string | undefined {
  const terms = Object.entries(parts).flatMap(([name, part]) => {
    const values = choice[part] ?? [];
    return values.length === 0 ? [] : [`${name} in (${values.map(stringLiteral).join(", ")})`];
  });
  if (choice.alerts) terms.push("Alert == true");
  return terms.length === 0 ? undefined : terms.join(" and ");
}

/** Reads such a predicate; what it cannot read keeps all. */
export function choiceOf(where: string | undefined): Choice {
  const choice: Choice = {};
  try {
    for (const { name, values } of comparisonsOf(where ?? "")) {
      if (name === "Alert") choice.alerts = true;
      else if (isPartName(name)) {
        choice[parts[name]] = values.flatMap((v) => (v.kind === "text" ? [v.text] : []));
      }
    }
  } catch (error) {
    if (!(error instanceof NotComparisons)) throw error;
  }
  return choice;
}

/** The choice with a value taken in, or out when it was in. */
export function toggled(choice: Choice, part: Part, value: string): Choice {
  const values = choice[part] ?? [];
  const next = values.includes(value) ? values.filter((v) => v !== value) : [...values, value];
  return { ...choice, [part]: next };
}

function isPartName(name: string): name is keyof typeof parts {
  return Object.hasOwn(parts, name);
}
