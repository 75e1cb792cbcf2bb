import {
  Button,
  Checkbox,
  Field,
  Input,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
} from "@fluentui/react-components";
import { ColumnTripleRegular, DeleteRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { use, useState } from "react";
import { ColumnShelfContext, type KeptSet } from "./columnShelf";
import { columnsWord } from "./columns";
import { DialogForm } from "./DialogForm";
import { Failure } from "./states";
import { Untrusted } from "./Untrusted";
import { useDialog } from "./useDialog";

const useStyles = makeStyles({
  form: { display: "grid", gap: "10px" },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  kept: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: "8px" },
});

interface ColumnPickerProps {
  /** The table, as its sets are kept for it. */
  table: string;
  /** What it is called. */
  of: string;
  columns: readonly { id: string; header: string }[];
  usual: readonly string[];
  chosen: readonly string[];
  sets: readonly KeptSet[];
  /** Of one of many tables on a page: its icon alone. */
  quiet: boolean;
  /** Takes what the link is to say. */
  onChoose: (word: string | undefined) => void;
}

/** Which columns a table shows: each by itself, or a set that is kept under a name. */
export function ColumnPicker({
  table,
  of,
  columns,
  usual,
  chosen,
  sets,
  quiet,
  onChoose,
}: ColumnPickerProps) {
  const { ask, dialog } = useDialog((close) => (
    <Sets
      table={table}
      chosen={chosen}
      sets={sets}
      onKept={(name) => {
        onChoose(name);
        close();
      }}
      onClose={close}
    />
  ));
  return (
    <>
      <Menu
        checkedValues={{ columns: [...chosen] }}
        onCheckedValueChange={(_, { checkedItems }) => onChoose(columnsWord(checkedItems, usual))}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button
            size="small"
            appearance={quiet ? "subtle" : "secondary"}
            icon={<ColumnTripleRegular />}
            aria-label={`Columns of ${of}`}
            title={quiet ? "Columns" : undefined}
          >
            {quiet ? undefined : "Columns"}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {columns.map(({ id, header }, at) => (
              <MenuItemCheckbox
                key={id}
                name="columns"
                value={id}
                disabled={at === 0}
                persistOnClick
              >
                {header}
              </MenuItemCheckbox>
            ))}
            <MenuDivider />
            {sets.length > 0 && (
              <MenuGroup>
                <MenuGroupHeader>Kept sets</MenuGroupHeader>
                {sets.map((set) => (
                  <MenuItem key={set.id} onClick={() => onChoose(set.name)}>
                    <Untrusted>{set.mine ? set.name : `${set.name} (${set.owner})`}</Untrusted>
                  </MenuItem>
                ))}
              </MenuGroup>
            )}
            <MenuItem onClick={() => onChoose(undefined)}>The usual columns</MenuItem>
            <MenuItem onClick={ask}>Keep or remove sets…</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      {dialog}
    </>
  );
}

interface SetsProps {
  table: string;
  chosen: readonly string[];
  sets: readonly KeptSet[];
  onKept: (name: string) => void;
  onClose: () => void;
}

function Sets({ table, chosen, sets, onKept, onClose }: SetsProps) {
  const styles = useStyles();
  const shelf = use(ColumnShelfContext);
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const keep = useMutation({
    mutationFn: () => shelf.keep(table, name.trim(), chosen, shared),
    onSuccess: () => onKept(name.trim()),
  });
  const remove = useMutation({ mutationFn: shelf.remove });
  const mine = sets.filter((set) => set.mine);
  const error = keep.error ?? remove.error;
  return (
    <DialogForm
      title="Sets of columns"
      does="Keep"
      ready={name.trim() !== "" && !keep.isPending}
      onSend={keep.mutate}
      onClose={onClose}
      className={styles.form}
    >
      <ul className={styles.list} aria-label="Your sets">
        {mine.map((set) => (
          <li key={set.id} className={styles.kept}>
            <Untrusted>{set.name}</Untrusted>
            <Button
              appearance="subtle"
              size="small"
              icon={<DeleteRegular />}
              aria-label={`Remove ${set.name}`}
              onClick={() => remove.mutate(set.id)}
            />
          </li>
        ))}
      </ul>
      <Field label={`Name for the ${chosen.length} columns that are shown`} required>
        <Input value={name} maxLength={100} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Checkbox
        label="Others may use it"
        checked={shared}
        onChange={(_, { checked }) => setShared(checked === true)}
      />
      {error && <Failure title="The sets could not be changed" error={error} />}
    </DialogForm>
  );
}
