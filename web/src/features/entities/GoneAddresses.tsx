import type { Many } from "@/api/entities";
import { Gone, NotCompared } from "./comparing";
import type { EntityView } from "./view";

export const addressesCompared = { part: "page", list: "addresses" } as const;

/** How the addresses of a page of many stand against those compared with. */
export function GoneAddresses({ view, many }: { view: EntityView; many: Many }) {
  if (many.wide) {
    return (
      <NotCompared view={view}>
        there are too many addresses to tell apart; a longer prefix compares its own.
      </NotCompared>
    );
  }
  return <Gone view={view} which={addressesCompared} noun="addresses" kind="ip" />;
}
