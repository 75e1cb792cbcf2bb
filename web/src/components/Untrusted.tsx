import { makeStyles, tokens } from "@fluentui/react-components";
import { visibleText } from "./visibleText";

const useStyles = makeStyles({
  text: { unicodeBidi: "isolate", overflowWrap: "anywhere", whiteSpace: "pre-wrap" },
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

/**
 * Text that somebody outside may have written: shown as text, left to right, with every
 * character that would not be seen spelled out.
 */
export function Untrusted({ children }: { children: string }) {
  const styles = useStyles();
  let at = 0;
  return (
    <span className={styles.text} dir="ltr">
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
