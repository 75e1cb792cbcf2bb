import { Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { columnSetsQuery } from "@/api/columnSets";
import type { ListName } from "@/api/entities";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { CardSkeleton, Failure } from "@/components/states";
import { ColumnPicker } from "./ColumnPicker";
import { chosenColumns } from "./columns";
import { ExportMenu } from "./ExportMenu";
import { ListTable } from "./ListTable";
import type { ListPage } from "./useListPage";
import type { EntityView } from "./view";

/** What the server gave of a list. */
interface Given<T> {
  data?: { total: number; items: T[] | null; query: string };
  error: Error | null;
}

interface ObservedCardProps<T> {
  view: EntityView;
  noun: ListName;
  title: string;
  /** What a row is. */
  note: string;
  list: ListPage;
  answer: Given<T>;
  columns: readonly Column<T>[];
  /** The columns that are shown when none are asked for. */
  usual: readonly string[];
  /** Stands in place of a list that holds nothing, filtered or not. */
  empty: ReactNode;
}

/** One of the lists of the tab: the whole of it, with its columns and its export. */
export function ObservedCard<T extends object>(props: ObservedCardProps<T>) {
  const { view, noun, title, note, list, answer, columns, usual, empty } = props;
  const sets = useQuery(columnSetsQuery(noun));
  const kept = sets.data ?? [];
  const chosen = chosenColumns(
    view.search.columns,
    columns.map(({ id }) => id),
    usual,
    kept,
  );
  const word = chosen.join();
  const shown = useMemo(
    () => columns.filter(({ id }) => word.split(",").includes(id)),
    [columns, word],
  );
  const given = answer.data;
  if (answer.error) {
    return <Failure title={`The ${noun} could not be read`} error={answer.error} />;
  }
  if (given === undefined) return <CardSkeleton label={`Reading the ${noun}`} height={480} />;
  return (
    <Card title={title} count={given.total} note={note} query={given.query}>
      {given.total === 0 && list.page.q === undefined ? (
        empty
      ) : (
        <>
          <ListTable
            noun={noun}
            list={list}
            columns={shown}
            rows={given.items ?? []}
            total={given.total}
            maxHeight={560}
            tools={
              <>
                <ColumnPicker
                  table={noun}
                  columns={columns}
                  usual={usual}
                  chosen={chosen}
                  sets={kept}
                  onChoose={(next) => view.update({ columns: next })}
                />
                <ExportMenu view={view} noun={noun} list={list} total={given.total} />
              </>
            }
          />
          {given.total === 0 && <Text size={200}>Nothing fits the filter.</Text>}
        </>
      )}
    </Card>
  );
}
