import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { MoreHorizontal16Regular } from "@fluentui/react-icons";
import { type MouseEvent, type ReactNode, use } from "react";
import { EntityActionsContext, type MenuRequest } from "./entityActions";
import { hostKind } from "./hostKind";
import { EntityLink } from "./links";
import { TextButton } from "./TextButton";
import { Untrusted } from "./Untrusted";

const useStyles = makeStyles({
  chip: {
    position: "relative",
    display: "inline-flex",
    alignItems: "baseline",
    gap: "1px",
    maxWidth: "100%",
    minWidth: 0,
    // Quiet until it is pointed at or reached; nothing moves then.
    "& > button": { opacity: 0 },
    ":hover > button": { opacity: 1 },
    ":focus-within > button": { opacity: 1 },
    "@media (hover: none)": { "& > button": { opacity: 1 } },
  },
  link: { minWidth: 0 },
  oneLine: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  menu: {
    display: "inline-flex",
    alignSelf: "center",
    alignItems: "center",
    flexShrink: 0,
    color: tokens.colorNeutralForeground2,
    backgroundColor: tokens.colorNeutralBackground1,
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  // In running text it lies over what follows, so that there is no gap; where the value is
  // cut it has its own place.
  over: { position: "absolute", left: "100%", top: 0, bottom: 0, zIndex: 1 },
});

interface EntityChipProps extends MenuRequest {
  /** Cuts the value where the surroundings end, instead of wrapping it. */
  oneLine?: boolean;
  /** How the value is shown, if not as it is. */
  children?: ReactNode;
}

/**
 * The value of an entity, the same wherever one stands: a link to its page; with Shift its
 * panel; everything else behind one menu, by its button, the right mouse button, or the
 * menu key.
 */
export function EntityChip({ oneLine = false, children, ...entity }: EntityChipProps) {
  const styles = useStyles();
  const { openMenu, openPanel } = use(EntityActionsContext);
  const { kind, id, shown } = entity;
  const beside = (event: MouseEvent) => {
    if (!event.shiftKey) return;
    event.preventDefault();
    openPanel({ kind, id });
  };
  const menu = (event: MouseEvent<HTMLElement>) => {
    event.preventDefault();
    openMenu(entity, event.currentTarget);
  };
  return (
    <span className={styles.chip} data-chip>
      <EntityLink
        kind={kind}
        id={id}
        shown={shown}
        className={mergeClasses(styles.link, oneLine && styles.oneLine)}
        onClick={beside}
        // With Ctrl it is the browser's own menu.
        onContextMenu={(event) => event.ctrlKey || menu(event)}
      >
        {children ?? <Untrusted oneLine={oneLine}>{id}</Untrusted>}
      </EntityLink>
      <TextButton
        className={mergeClasses(styles.menu, !oneLine && styles.over)}
        data-chip-menu
        aria-label={`What to do with ${id}`}
        aria-haspopup="menu"
        onClick={menu}
      >
        <MoreHorizontal16Regular aria-hidden />
      </TextButton>
    </span>
  );
}

/** A host by its name or its address, as a chip; other text stays text. */
export function HostChip({ host }: { host: string }) {
  const kind = hostKind(host);
  return kind ? <EntityChip kind={kind} id={host} /> : <Untrusted>{host}</Untrusted>;
}

/** An account, where one is known. */
export function AccountChip({ account }: { account: string | undefined }) {
  return account ? <EntityChip kind="account" id={account} /> : "";
}
