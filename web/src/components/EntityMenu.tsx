import {
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemLink,
  MenuList,
  MenuPopover,
} from "@fluentui/react-components";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { huntQuery, searchEverywhere } from "@/kql/hunt";
import { stringLiteral } from "@/kql/literal";
import { defang } from "./defang";
import type { MenuRequest, NamedEntity } from "./entityActions";
import { entityPath } from "./links";
import { addToTriage } from "./triageList";
import { Untrusted } from "./Untrusted";

interface EntityMenuProps {
  request: MenuRequest;
  /** The element beside which it opens, and which has the focus again at its end. */
  at: HTMLElement;
  onPanel: (entity: NamedEntity) => void;
  onClose: () => void;
}

/** What can be done with an entity, whatever page it was found on. */
export function EntityMenu({ request, at, onPanel, onClose }: EntityMenuProps) {
  const navigate = useNavigate();
  const router = useRouter();
  const { kind, id, shown, onFilter } = request;
  const page = { ...entityPath(kind, id), search: { ...shown } };
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  const query = (q: string) => void navigate({ to: "/query", search: { q } });
  const close = () => {
    onClose();
    at.focus();
  };
  return (
    <Menu
      open
      onOpenChange={(_, { open }) => open || close()}
      positioning={{ target: at, strategy: "fixed" }}
      // Within what holds the chip: a dialog lets nothing outside itself be reached.
      mountNode={at.closest<HTMLElement>("[role=dialog], main")}
    >
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>
              <Untrusted oneLine>{shortened(id)}</Untrusted>
            </MenuGroupHeader>
            <MenuItem onClick={() => navigate(page)}>Open its page</MenuItem>
            <MenuItemLink
              href={router.buildLocation(page).href}
              target="_blank"
              rel="noopener noreferrer"
            >
              Open its page in a new tab
            </MenuItemLink>
            <MenuItem secondaryContent="Shift+click" onClick={() => onPanel({ kind, id })}>
              Open it in a panel
            </MenuItem>
          </MenuGroup>
          <MenuDivider />
          {/* The prefixes of a range or an AS are known to its page alone. */}
          {kind !== "range" && kind !== "asn" && (
            <MenuItem onClick={() => query(huntQuery(kind, id, shown))}>
              Hunt: where it stands
            </MenuItem>
          )}
          {kind !== "cidr" && kind !== "range" && kind !== "asn" && (
            <MenuItem onClick={() => query(searchEverywhere(id))}>
              Search every table for it
            </MenuItem>
          )}
          <MenuItem onClick={() => navigate({ to: "/triage", search: { q: addToTriage(id) } })}>
            Add to triage
          </MenuItem>
          <MenuItem onClick={() => navigate({ ...page, search: { ...shown, tab: "notes" } })}>
            Watch it, or write a note
          </MenuItem>
          {onFilter && (
            <>
              <MenuDivider />
              <MenuItem onClick={() => onFilter(true)}>Only this</MenuItem>
              <MenuItem onClick={() => onFilter(false)}>All but this</MenuItem>
            </>
          )}
          <MenuDivider />
          <MenuItem onClick={() => copy(id)}>Copy as it is</MenuItem>
          <MenuItem onClick={() => copy(defang(id))}>Copy defanged</MenuItem>
          <MenuItem onClick={() => copy(stringLiteral(id))}>Copy for KQL</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
