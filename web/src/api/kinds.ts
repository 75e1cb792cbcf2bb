import type { EntityKind } from "./entities";

/** The kinds that are many addresses. */
type ManyKind = "cidr" | "range" | "asn";

/** The kinds that are one entity. */
export type OneKind = Exclude<EntityKind, ManyKind>;

export function isMany(kind: EntityKind): kind is ManyKind {
  return kind === "cidr" || kind === "range" || kind === "asn";
}
