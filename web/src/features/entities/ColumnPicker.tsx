import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
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
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ColumnSet, columnSetsQuery, keepColumnSet, removeColumnSet } from "@/api/columnSets";
import { Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { columnsWord } from "./columns";

const useStyles = makeStyles({
  form: { display: "grid", gap: "10px" },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  kept: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: "8px" },
});

interface ColumnPickerProps {
  /** Names the table, on the server. */
  table: string;
  columns: readonly { id: string; header: string }[];
  usual: readonly string[];
  chosen: readonly string[];
  sets: readonly ColumnSet[];
  /** Takes what the link is to say. */
  onChoose: (word: string | undefined) => void;
}

/** Which columns a table shows: each by itself, or a set that is kept under a name. */
export function ColumnPicker({ table, columns, usual, chosen, sets, onChoose }: ColumnPickerProps) {
  const [keeping, setKeeping] = useState(false);
  return (
    <>
      <Menu
        checkedValues={{ columns: [...chosen] }}
        onCheckedValueChange={(_, { checkedItems }) => onChoose(columnsWord(checkedItems, usual))}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" icon={<ColumnTripleRegular />}>
            Columns
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
            <MenuItem onClick={() => setKeeping(true)}>Keep or remove sets…</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Dialog open={keeping} onOpenChange={(_, { open }) => setKeeping(open)}>
        <DialogSurface>
          <Sets
            table={table}
            chosen={chosen}
            sets={sets}
            onKept={(name) => {
              onChoose(name);
              setKeeping(false);
            }}
            onClose={() => setKeeping(false)}
          />
        </DialogSurface>
      </Dialog>
    </>
  );
}

interface SetsProps {
  table: string;
  chosen: readonly string[];
  sets: readonly ColumnSet[];
  onKept: (name: string) => void;
  onClose: () => void;
}

function Sets({ table, chosen, sets, onKept, onClose }: SetsProps) {
  const styles = useStyles();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const read = () => cache.invalidateQueries(columnSetsQuery(table));
  const keep = useMutation({
    mutationFn: () => keepColumnSet(table, name.trim(), chosen, shared),
    onSuccess: async () => {
      await read();
      onKept(name.trim());
    },
  });
  const remove = useMutation({ mutationFn: removeColumnSet, onSuccess: read });
  const mine = sets.filter((set) => set.mine);
  const error = keep.error ?? remove.error;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate();
      }}
    >
      <DialogBody>
        <DialogTitle>Sets of columns</DialogTitle>
        <DialogContent className={styles.form}>
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
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
          <Button
            type="submit"
            appearance="primary"
            disabled={name.trim() === "" || keep.isPending}
          >
            Keep
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}
