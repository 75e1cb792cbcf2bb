import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
} from "@fluentui/react-components";
import { MoreHorizontalRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { stringLiteral } from "@/kql/literal";
import { defang } from "./defang";
import { EntityLink, entityPath } from "./links";
import { addToTriage } from "./triageList";
import { Untrusted } from "./Untrusted";

const useStyles = makeStyles({
  chip: { display: "inline-flex", alignItems: "center", gap: "2px", maxWidth: "100%" },
  menu: { minWidth: "20px", width: "20px", height: "20px" },
});

interface EntityChipProps {
  kind: string;
  id: string;
  /** Narrows what stands around the chip to this value, or leaves it out. */
  onFilter?: (keep: boolean) => void;
}

/** The value of an entity: a link to its page, with everything else behind one menu. */
export function EntityChip({ kind, id, onFilter }: EntityChipProps) {
  const styles = useStyles();
  const navigate = useNavigate();
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  return (
    <span className={styles.chip}>
      <EntityLink kind={kind} id={id}>
        <Untrusted>{id}</Untrusted>
      </EntityLink>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button
            className={styles.menu}
            appearance="transparent"
            size="small"
            icon={<MoreHorizontalRegular />}
            aria-label={`What to do with ${id}`}
          />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => navigate(entityPath(kind, id))}>Open its page</MenuItem>
            <MenuItem
              onClick={() => navigate({ to: "/query", search: { q: searchEverywhere(id) } })}
            >
              Hunt in every table
            </MenuItem>
            <MenuItem onClick={() => navigate({ to: "/triage", search: { q: addToTriage(id) } })}>
              Add to triage
            </MenuItem>
            <MenuItem
              onClick={() => navigate({ ...entityPath(kind, id), search: { tab: "notes" } })}
            >
              Watch, or write a note
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
    </span>
  );
}

function searchEverywhere(id: string): string {
  return `search ${stringLiteral(id)}`;
}
