import { createContext } from "react";
import type { Shown } from "./links";

/** An entity, as chips name it. */
export interface NamedEntity {
  kind: string;
  id: string;
}

/** An entity whose menu is asked for. */
export interface MenuRequest extends NamedEntity {
  /** What of its story its page is to show. */
  shown?: Shown;
  /** Narrows what stands around the chip to this value, or leaves it out. */
  onFilter?: (keep: boolean) => void;
}

/**
 * What can be done with an entity without leaving the page. There is one menu and one panel
 * for all chips, so that a chip costs no more than its link: lists have thousands.
 */
export interface EntityActions {
  /** Opens the menu of an entity beside the element that asked for it. */
  openMenu: (request: MenuRequest, at: HTMLElement) => void;
  /** Shows what is known of an entity beside the page. */
  openPanel: (entity: NamedEntity) => void;
}

export const EntityActionsContext = createContext<EntityActions>({
  openMenu: () => {},
  openPanel: () => {},
});
