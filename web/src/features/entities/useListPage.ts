import { useState } from "react";
import type { Page } from "@/api/entities";
import type { Sort } from "@/components/DataTable";
import { useDebounced } from "@/components/useDebounced";
import { sortParam } from "./sort";

// As long, and in the same order, as the page that comes with the document.
const pageSize = 50;
/** The order in which a list begins. */
export const firstSort: Sort = { column: "last", descending: true };

/** For how long (ms) a filter must rest before the server is asked. */
export const typingPause = 250;

/** Where one is in a list that the server sorts, filters and pages. */
export interface ListPage {
  /** What to ask the server for. */
  page: Page;
  /** Whether that is what comes with the document. */
  isFirst: boolean;
  sort: Sort;
  setSort: (sort: Sort) => void;
  filter: string;
  setFilter: (filter: string) => void;
  back: () => void;
  forth: () => void;
}

/** Begins with what was seen last; a change of order or filter goes back to the first page. */
export function useListPage(): ListPage {
  const [sort, setSort] = useState(firstSort);
  const [filter, setFilter] = useState("");
  const [offset, setOffset] = useState(0);
  const q = useDebounced(filter.trim(), typingPause);
  return {
    page: { limit: pageSize, offset, sort: sortParam(sort), q: q || undefined },
    isFirst: offset === 0 && q === "" && sort.column === firstSort.column && sort.descending,
    sort,
    setSort: (next) => {
      setSort(next);
      setOffset(0);
    },
    filter,
    setFilter: (next) => {
      setFilter(next);
      setOffset(0);
    },
    back: () => setOffset(Math.max(0, offset - pageSize)),
    forth: () => setOffset(offset + pageSize),
  };
}
