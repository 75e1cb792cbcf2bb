import { type ReactNode, useMemo, useState } from "react";
import { EntityMenu } from "@/components/EntityMenu";
import {
  type EntityActions,
  EntityActionsContext,
  type MenuRequest,
  type NamedEntity,
} from "@/components/entityActions";
import { EntityPanel } from "@/features/search/EntityPanel";

/** Gives every chip on a page the one menu and the one panel. */
export function EntityActionsProvider({ children }: { children: ReactNode }) {
  const [menu, setMenu] = useState<{ request: MenuRequest; at: HTMLElement } | null>(null);
  const [panel, setPanel] = useState<NamedEntity | null>(null);
  const actions = useMemo<EntityActions>(
    () => ({ openMenu: (request, at) => setMenu({ request, at }), openPanel: setPanel }),
    [],
  );
  return (
    <EntityActionsContext value={actions}>
      {children}
      {menu && <EntityMenu {...menu} onPanel={setPanel} onClose={() => setMenu(null)} />}
      {panel && <EntityPanel entity={panel} onClose={() => setPanel(null)} />}
    </EntityActionsContext>
  );
}
