import type { EntityView } from "./view";

/** The place of the names that own DNS, TLS and HTTP logs gave the address. */
export function NamesSeen({ view }: { view: EntityView }) {
  return view.entity.kind === "ip" ? "see DNS and TLS" : "";
}
