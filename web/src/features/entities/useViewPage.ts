import { useState } from "react";
import { useDebounced } from "@/components/useDebounced";
import { sortOf, sortParam } from "./sort";
import { firstSort, type ListPage, typingPause } from "./useListPage";
import type { EntityView } from "./view";

/** As useListPage, for the list of a tab: what it is filtered for and its order stand in the link. */
export function useViewPage(
  { scope, search, update, replace }: EntityView,
  size: number,
): ListPage {
  const sort = sortOf(search.sort) ?? firstSort;
  const filter = search.find ?? "";
  const q = useDebounced(filter.trim(), typingPause);
  // A place counts only in the list in which it was reached.
  const list = JSON.stringify([scope, sort, q, search.show]);
  const [place, setPlace] = useState({ list, offset: 0 });
  const offset = place.list === list ? place.offset : 0;
  return {
    page: { limit: size, offset, sort: sortParam(sort), q: q || undefined },
    isFirst: false,
    sort,
    setSort: (next) => {
      const word = sortParam(next);
      update({ sort: word === sortParam(firstSort) ? undefined : word });
    },
    filter,
    setFilter: (next) => replace({ find: next || undefined }),
    back: () => setPlace({ list, offset: Math.max(0, offset - size) }),
    forth: () => setPlace({ list, offset: offset + size }),
  };
}
