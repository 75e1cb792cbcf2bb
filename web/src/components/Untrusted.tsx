import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { visibleText } from "./visibleText";

const useStyles = makeStyles({
  text: { unicodeBidi: "isolate" },
  wrap: { overflowWrap: "anywhere", whiteSpace: "pre-wrap" },
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

interface UntrustedProps {
  children: string;
  /** Leaves it to the surroundings to cut the text; else it wraps, wherever it must. */
  oneLine?: boolean;
}

/**
 * Text that somebody outside may have written: shown as text, left to right, with every
 * character that would not be seen spelled out.
 */
export function Untrusted({ children, oneLine = false }: UntrustedProps) {
  const styles = useStyles();
  let at = 0;
  return (
    <span className={mergeClasses(styles.text, !oneLine && styles.wrap)} dir="ltr">
      {visibleText(children).map((piece) => {
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
    </span>
  );
}
