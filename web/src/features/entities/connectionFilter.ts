import { stringLiteral } from "@/kql/literal";
import { comparisonsOf, NotComparisons } from "@/kql/predicate";

/** The outcomes that a connection can have. */
export const outcomes = [
  "established",
  "permitted",
  "refused",
  "unanswered",
  "blocked",
  "unknown",
  "icmp",
] as const;

const directions = ["in", "out"] as const;

/** Which connections are kept; an absent part keeps all. */
export interface ConnectionFilter {
  outcome?: (typeof outcomes)[number];
  protocol?: string;
  direction?: (typeof directions)[number];
}

/** Reads the filter of a link; what it cannot read keeps all. */
export function connectionFilter(where: string | undefined): ConnectionFilter {
  const values = new Map<string, string>();
  try {
    for (const { name, values: list } of comparisonsOf(where ?? "")) {
      if (list[0]?.kind === "text") values.set(name, list[0].text);
    }
  } catch (error) {
    if (!(error instanceof NotComparisons)) throw error;
  }
  return {
    outcome: outcomes.find((o) => o === values.get("Outcome")),
    protocol: values.get("Protocol"),
    direction: directions.find((d) => d === values.get("Direction")),
  };
}

/** The filter as a predicate, which is how it stands in a link; undefined when all is kept. */
export function connectionPredicate(filter: ConnectionFilter): string | undefined {
  const named = [
    ["Outcome", filter.outcome],
    ["Protocol", filter.protocol],
    ["Direction", filter.direction],
  ] as const;
  const terms = named.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} == ${stringLiteral(value)}`],
  );
  return terms.length === 0 ? undefined : terms.join(" and ");
}
