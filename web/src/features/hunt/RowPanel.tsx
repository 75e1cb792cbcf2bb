import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  Text,
  tokens,
} from "@fluentui/react-components";
import { CopyRegular, DismissRegular } from "@fluentui/react-icons";
import type { ResultColumn } from "@/api/query";
import { Untrusted } from "@/components/Untrusted";
import { wholeText } from "@/components/value";

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
  return (
    <OverlayDrawer
      open
      position="end"
      size="medium"
      onOpenChange={(_, { open }) => open || onClose()}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button
              appearance="subtle"
              aria-label="Close"
              icon={<DismissRegular />}
              onClick={onClose}
            />
          }
        >
          Row
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <dl className={styles.list}>
          {columns.map(({ name, type }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns may share a name and never move
            <Value key={i} name={name} type={type} value={row[i]} />
          ))}
        </dl>
      </DrawerBody>
    </OverlayDrawer>
  );
}

function Value({ name, type, value }: { name: string; type: string; value: unknown }) {
  const styles = useStyles();
  const text = wholeText(type, value);
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
        ) : (
          <Untrusted>{text}</Untrusted>
        )}
      </dd>
    </div>
  );
}
