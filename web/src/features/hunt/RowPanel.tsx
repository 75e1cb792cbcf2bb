import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { CopyRegular } from "@fluentui/react-icons";
import type { ResultColumn } from "@/api/query";
import { EntityChip } from "@/components/EntityChip";
import { SidePanel } from "@/components/SidePanel";
import { Untrusted, UntrustedInFull } from "@/components/Untrusted";
import { wholeText } from "@/components/value";
import { entityOfCell } from "./entityOfCell";
import { filledColumns, manyColumns } from "./filledColumns";

const useStyles = makeStyles({
  list: { margin: 0, display: "grid", gap: "10px" },
  name: { display: "flex", alignItems: "center", gap: "6px", fontWeight: 600 },
  type: { color: tokens.colorNeutralForeground3 },
  value: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: "18px",
  },
});

interface RowPanelProps {
  columns: readonly ResultColumn[];
  row: readonly unknown[];
  onClose: () => void;
}

/** One row of a result in full, a value under the other. */
export function RowPanel({ columns, row, onClose }: RowPanelProps) {
  const styles = useStyles();
  // Of the thousands that a search has, those that say something.
  const shown =
    columns.length > manyColumns ? filledColumns(columns.length, [row]) : [...columns.keys()];
  return (
    <SidePanel title="Row" onClose={onClose}>
      <dl className={styles.list}>
        {shown.map((i) => (
          <Value key={i} columns={columns} row={row} at={i} />
        ))}
      </dl>
    </SidePanel>
  );
}

function Value({ columns, row, at }: Omit<RowPanelProps, "onClose"> & { at: number }) {
  const styles = useStyles();
  const { name = "", type = "" } = columns[at] ?? {};
  const value = row[at];
  const text = wholeText(type, value);
  const entity = entityOfCell(columns, row, at);
  return (
    <div>
      <dt className={styles.name}>
        <Untrusted>{name}</Untrusted>
        <Text size={200} className={styles.type}>
          {type}
        </Text>
        {text !== "" && (
          <Button
            appearance="subtle"
            size="small"
            icon={<CopyRegular />}
            aria-label={`Copy ${name}`}
            onClick={() => navigator.clipboard.writeText(text)}
          />
        )}
      </dt>
      <dd className={styles.value}>
        {value === null || value === undefined ? (
          <span className={styles.type}>null</span>
        ) : entity ? (
          <EntityChip {...entity}>
            <Untrusted>{text}</Untrusted>
          </EntityChip>
        ) : (
          <UntrustedInFull>{text}</UntrustedInFull>
        )}
      </dd>
    </div>
  );
}
