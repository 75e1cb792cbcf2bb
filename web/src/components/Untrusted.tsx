import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { formatCount } from "./numbers";
import { TextButton } from "./TextButton";
import { startOf, visibleText } from "./visibleText";

const useStyles = makeStyles({
  text: { unicodeBidi: "isolate" },
  wrap: { overflowWrap: "anywhere", whiteSpace: "pre-wrap" },
  missing: { color: tokens.colorNeutralForeground3 },
  hidden: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: "0.85em",
    color: tokens.colorPaletteDarkOrangeForeground1,
    backgroundColor: tokens.colorPaletteDarkOrangeBackground1,
    borderRadius: tokens.borderRadiusSmall,
    padding: "0 2px",
    marginInline: "1px",
  },
});

/** More characters of a text than these are not drawn: a megabyte takes seconds. */
const most = 16_384;
/** The same for a text on one line, of which the surroundings show less by far. */
const mostOnOneLine = 1024;

interface UntrustedProps {
  children: string;
  /** Leaves it to the surroundings to cut the text; else it wraps, wherever it must. */
  oneLine?: boolean;
  /** Draws all of it, however long it is. */
  whole?: boolean;
}

/**
 * Text that somebody outside may have written: shown as text, left to right, with every
 * character that would not be seen spelled out. Of a very long one the beginning is shown,
 * and how much is missing is said.
 */
export function Untrusted({ children, oneLine = false, whole = false }: UntrustedProps) {
  const styles = useStyles();
  const shown = whole ? children : startOf(children, oneLine ? mostOnOneLine : most);
  const missing = children.length - shown.length;
  let at = 0;
  return (
    <span className={mergeClasses(styles.text, !oneLine && styles.wrap)} dir="ltr">
      {visibleText(shown).map((piece) => {
        const key = at;
        at += piece.text.length;
        return piece.hidden ? (
          <span key={key} className={styles.hidden} title="invisible character">
            {piece.text}
          </span>
        ) : (
          <span key={key}>{piece.text}</span>
        );
      })}
      {missing > 0 && (
        <span className={styles.missing}>… {formatCount(missing)} more characters</span>
      )}
    </span>
  );
}

/** The same where one comes to read it: a very long text can be shown to its end. */
export function UntrustedInFull({ children }: { children: string }) {
  const [whole, setWhole] = useState(false);
  return (
    <>
      <Untrusted whole={whole}>{children}</Untrusted>
      {children.length > most && !whole && (
        <>
          {" "}
          <TextButton link onClick={() => setWhole(true)}>
            Show all {formatCount(children.length)} characters
          </TextButton>
        </>
      )}
    </>
  );
}
