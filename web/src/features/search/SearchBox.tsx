import { Input, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { SearchRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, use, useEffect, useId, useRef, useState } from "react";
import { formNames, type Suggestion, searchQuery } from "@/api/search";
import { EntityActionsContext } from "@/components/entityActions";
import { entityPath } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { useDebounced } from "@/components/useDebounced";
import { Preview } from "./Preview";

const useStyles = makeStyles({
  box: { position: "relative", width: "min(520px, 50vw)" },
  input: { width: "100%" },
  found: {
    position: "absolute",
    top: "calc(100% + 4px)",
    left: 0,
    width: "max(100%, 640px)",
    maxWidth: "90vw",
    display: "grid",
    gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow16,
    "@media (max-width: 800px)": { width: "100%", gridTemplateColumns: "minmax(0, 1fr)" },
  },
  list: { padding: "4px", maxHeight: "60vh", overflow: "auto" },
  preview: {
    padding: "10px 12px",
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    "@media (max-width: 800px)": { display: "none" },
  },
  option: {
    display: "flex",
    alignItems: "baseline",
    gap: "10px",
    padding: "6px 8px",
    borderRadius: tokens.borderRadiusMedium,
    cursor: "pointer",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  active: { backgroundColor: tokens.colorNeutralBackground1Selected },
  kind: { width: "76px", flexShrink: 0, color: tokens.colorNeutralForeground3 },
  note: { marginLeft: "auto", color: tokens.colorNeutralForeground3, whiteSpace: "nowrap" },
  nothing: { padding: "6px 8px" },
});

/** The search of the top bar: says what a text may be and opens its page. */
export function SearchBox() {
  const styles = useStyles();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const { openPanel } = use(EntityActionsContext);
  const cache = useQueryClient();
  const navigate = useNavigate();
  const asked = useDebounced(text.trim(), 150);
  const answer = useQuery(searchQuery(asked));
  const suggestions = asked === "" ? [] : (answer.data?.suggestions ?? []);
  const shown = open && asked !== "" && answer.data !== undefined;

  useEffect(() => {
    const focus = (event: globalThis.KeyboardEvent) => {
      const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
      if (!palette && !(event.key === "/" && event.target === document.body)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, []);

  const go = (to: Suggestion, beside = false) => {
    setOpen(false);
    setText("");
    input.current?.blur();
    if (beside) openPanel(to);
    else navigate(entityPath(to.kind, to.id));
  };

  const enter = async (beside: boolean) => {
    const typed = text.trim();
    if (typed === "") return;
    if (typed === asked && suggestions[active]) return go(suggestions[active], beside);
    const { suggestions: found } = await cache.ensureQueryData(searchQuery(typed));
    if (found?.[0]) go(found[0], beside);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault();
        setOpen(true);
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (suggestions.length > 0) {
          setActive((active + step + suggestions.length) % suggestions.length);
        }
        break;
      }
      case "Enter":
        event.preventDefault();
        void enter(event.shiftKey);
        break;
      case "Escape":
        setOpen(false);
        break;
    }
  };

  return (
    <search className={styles.box}>
      <Input
        ref={input}
        className={styles.input}
        role="combobox"
        aria-label="Search"
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown && suggestions[active] ? `${listId}-${active}` : undefined}
        contentBefore={<SearchRegular />}
        placeholder="Search an IP, device, account, hash, domain or URL (Ctrl+K)"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(_, { value }) => {
          setText(value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {shown && (
        <div className={styles.found}>
          <div className={styles.list} role="listbox" id={listId} aria-label="Suggestions">
            {suggestions.length === 0 && (
              <div
                className={styles.nothing}
                role="option"
                tabIndex={-1}
                aria-selected={false}
                aria-disabled
              >
                <Text size={200}>
                  This is no address, name, hash or URL that Spoor knows how to open.
                </Text>
              </div>
            )}
            {suggestions.map((suggestion, i) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the combobox, which keeps the focus
              <div
                key={`${suggestion.kind}/${suggestion.id}`}
                id={`${listId}-${i}`}
                role="option"
                tabIndex={-1}
                aria-selected={i === active}
                className={mergeClasses(styles.option, i === active && styles.active)}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => go(suggestion)}
              >
                <Text size={200} className={styles.kind}>
                  {formNames[suggestion.kind]}
                </Text>
                <Untrusted>{suggestion.id}</Untrusted>
                <Text size={200} className={styles.note}>
                  {suggestion.alias ? `${suggestion.alias} · ` : ""}
                  {said(suggestion)}
                </Text>
              </div>
            ))}
          </div>
          {suggestions[active] && (
            <div className={styles.preview}>
              <Preview of={suggestions[active]} />
            </div>
          )}
        </div>
      )}
    </search>
  );
}

function said(s: Suggestion): string {
  if (s.kind === "asn") return "";
  return s.seen ? "seen" : "never seen";
}
