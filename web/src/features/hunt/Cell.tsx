import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CopyRegular } from "@fluentui/react-icons";
import { EntityChip } from "@/components/EntityChip";
import type { NamedEntity } from "@/components/entityActions";
import { Untrusted } from "@/components/Untrusted";
import { valueText } from "@/components/value";

const useStyles = makeStyles({
  cell: {
    position: "relative",
    maxWidth: "420px",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    ":hover > button": { opacity: 1 },
  },
  copy: {
    position: "absolute",
    right: 0,
    top: 0,
    opacity: 0,
    minWidth: "20px",
    height: "20px",
    padding: 0,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  none: { color: tokens.colorNeutralForeground3 },
});

interface CellProps {
  type: string;
  value: unknown;
  column: string;
  /** What the value names. */
  entity?: NamedEntity;
}

/**
 * One value of a result in one line. The button to copy it is for the mouse; by keyboard
 * the row's panel shows and copies every value.
 */
export function Cell({ type, value, column, entity }: CellProps) {
  const styles = useStyles();
  if (value === null || value === undefined) return <span className={styles.none}>null</span>;
  const text = valueText(type, value);
  if (text === "") return null;
  return (
    <div className={styles.cell}>
      {entity ? (
        <EntityChip {...entity} oneLine>
          <Untrusted oneLine>{text}</Untrusted>
        </EntityChip>
      ) : (
        <Untrusted oneLine>{text}</Untrusted>
      )}
      <Button
        className={styles.copy}
        appearance="transparent"
        size="small"
        icon={<CopyRegular />}
        aria-label={`Copy ${column}`}
        tabIndex={-1}
        onClick={() => navigator.clipboard.writeText(text)}
      />
    </div>
  );
}
