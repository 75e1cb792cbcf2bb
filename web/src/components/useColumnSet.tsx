import { type ReactNode, use, useMemo } from "react";
import { ColumnPicker } from "./ColumnPicker";
import { ColumnShelfContext } from "./columnShelf";
import { chosenColumns } from "./columns";

interface Named {
  id: string;
  header: string;
}

interface Asked<C> {
  /** Names the table on the server. */
  table: string;
  /** What it is called on the page. */
  label: string;
  /** All it can show; they must keep their identity. */
  columns: readonly C[];
  usual: readonly string[];
  /** One of many tables on a page: the means are an icon alone. */
  quiet?: boolean;
  /** What the link says of them, and takes what it is to say. */
  word: string | undefined;
  onWord: (word: string | undefined) => void;
}

interface Choice<C> {
  shown: readonly C[];
  picker: ReactNode;
}

/** The columns of a table that its link asks for, and the means to ask for others. */
export function useColumnSet<C extends Named>(asked: Asked<C>): Choice<C> {
  const { table, label, columns, usual, quiet = false, word, onWord } = asked;
  const all = use(ColumnShelfContext).sets;
  const sets = useMemo(() => all.filter((set) => set.view === table), [all, table]);
  const ids = columns.map(({ id }) => id);
  const chosen = chosenColumns(word, ids, usual, sets);
  const kept = chosen.join("\0"); // no name has that in it
  const shown = useMemo(() => {
    const names = new Set(kept.split("\0"));
    return columns.filter(({ id }) => names.has(id));
  }, [columns, kept]);
  const picker = (
    <ColumnPicker
      of={label}
      table={table}
      columns={columns}
      usual={usual}
      chosen={chosen}
      sets={sets}
      quiet={quiet}
      onChoose={onWord}
    />
  );
  return { shown, picker };
}
