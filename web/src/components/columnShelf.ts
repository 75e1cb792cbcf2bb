import { createContext } from "react";

/** A set of columns that is kept under a name. */
export interface KeptSet {
  id: number;
  /** The table that it is for. */
  view: string;
  name: string;
  owner: string;
  /** Whether the user may take it out. */
  mine: boolean;
  columns: string[] | null;
}

/** Where sets are kept, for every table. */
interface ColumnShelf {
  sets: readonly KeptSet[];
  keep: (table: string, name: string, columns: readonly string[], shared: boolean) => Promise<void>;
  remove: (id: number) => Promise<void>;
}

const nowhere = () => Promise.reject(new Error("Sets of columns are kept nowhere."));

export const ColumnShelfContext = createContext<ColumnShelf>({
  sets: [],
  keep: nowhere,
  remove: nowhere,
});
