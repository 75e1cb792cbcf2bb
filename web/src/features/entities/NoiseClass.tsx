import type { EntityView } from "./view";

/** The place of what well-known lists say of the entity: scanner, CDN, cloud, resolver. */
export function NoiseClass(_: { view: EntityView }) {
  return null;
}
