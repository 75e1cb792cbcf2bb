import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CopyRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { expanded, valueText } from "./value";

const useStyles = makeStyles({
  cell: {
    display: "flex",
    alignItems: "flex-start",
    gap: "4px",
    maxWidth: "480px",
    ":hover button": { opacity: 1 },
  },
  text: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  open: { whiteSpace: "pre-wrap", margin: 0, fontFamily: tokens.fontFamilyMonospace },
  copy: {
    opacity: 0,
    minWidth: "20px",
    height: "20px",
    padding: 0,
    ":focus-visible": { opacity: 1 },
  },
  none: { color: tokens.colorNeutralForeground4 },
});

/** One value of a result: its text, a button to copy it, and the whole of it on demand. */
export function Cell({ type, value, column }: { type: string; value: unknown; column: string }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  if (value === null || value === undefined) return <span className={styles.none}>null</span>;
  const text = valueText(type, value);
  if (text === "") return null;
  const whole = expanded(value);
  const folds = whole !== null || text.length > 80;
  return (
    <div className={styles.cell}>
      {folds ? (
        <TextButton
          className={open ? undefined : styles.text}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? (
            <pre className={styles.open}>
              <Untrusted>{whole ?? text}</Untrusted>
            </pre>
          ) : (
            <Untrusted>{text}</Untrusted>
          )}
        </TextButton>
      ) : (
        <span className={styles.text}>
          <Untrusted>{text}</Untrusted>
        </span>
      )}
      <Button
        className={styles.copy}
        appearance="transparent"
        size="small"
        icon={<CopyRegular />}
        aria-label={`Copy ${column}`}
        onClick={() => navigator.clipboard.writeText(text)}
      />
    </div>
  );
}
