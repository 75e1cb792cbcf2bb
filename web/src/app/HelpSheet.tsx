import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { KeyboardRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

const useStyles = makeStyles({
  list: {
    display: "grid",
    gridTemplateColumns: "max-content 1fr",
    gap: "6px 16px",
    margin: 0,
  },
  key: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    padding: "1px 6px",
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  what: { margin: 0 },
});

const shortcuts = [
  ["Ctrl+K or /", "Search"],
  ["Enter", "Open what the search found"],
  ["Shift+Enter", "Open it in a panel beside the page"],
  ["Shift+click", "Open an entity in a panel"],
  ["Menu key, or right click", "What to do with an entity"],
  ["g h", "Home"],
  ["g t", "Triage of a list"],
  ["g q", "Query"],
  ["g s", "Sources"],
  ["?", "This sheet"],
  ["Esc", "Close what is open"],
] as const;

const places: Record<string, "/" | "/triage" | "/query" | "/sources"> = {
  h: "/",
  t: "/triage",
  q: "/query",
  s: "/sources",
};

/** The keys that work on every page, and the sheet that lists them. */
export function HelpSheet() {
  const styles = useStyles();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);

  useEffect(() => {
    let going = false;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
      const to = places[event.key];
      if (going && to !== undefined) {
        event.preventDefault();
        void navigate({ to });
      }
      going = event.key === "g" && !going;
      if (event.key === "?") setOpen(true);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [navigate]);

  return (
    <Dialog open={open} onOpenChange={(_, data) => setOpen(data.open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<KeyboardRegular />} aria-label="Keyboard shortcuts" />
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Keyboard shortcuts</DialogTitle>
          <DialogContent>
            <dl className={styles.list}>
              {shortcuts.map(([key, what]) => (
                <Shortcut key={key} name={key} what={what} />
              ))}
            </dl>
          </DialogContent>
          <DialogActions>
            <DialogTrigger disableButtonEnhancement>
              <Button>Close</Button>
            </DialogTrigger>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Shortcut({ name, what }: { name: string; what: string }) {
  const styles = useStyles();
  return (
    <>
      <dt>
        <kbd className={styles.key}>{name}</kbd>
      </dt>
      <dd className={styles.what}>{what}</dd>
    </>
  );
}

/** Whether keys that are pressed there are text. */
function types(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
