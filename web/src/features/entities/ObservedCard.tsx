import { Text } from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { ListName } from "@/api/entities";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { CardSkeleton, Failure } from "@/components/states";
import { ExportMenu } from "./ExportMenu";
import { ListTable } from "./ListTable";
import { NothingSearched } from "./NothingSearched";
import { useColumns } from "./useColumns";
import type { ListPage } from "./useListPage";
import type { EntityView } from "./view";

const titles: Record<ListName, string> = {
  addresses: "Addresses",
  devices: "Devices",
  peers: "Peers",
};

/** What the server gave of a list. */
interface Given<T> {
  data?: { total: number; items: T[] | null; query: string };
  error: Error | null;
  refetch: () => unknown;
}

interface ObservedCardProps<T> {
  view: EntityView;
  noun: ListName;
  /** What a row is. */
  note: string;
  list: ListPage;
  answer: Given<T>;
  columns: readonly Column<T>[];
  /** The columns that are shown when none are asked for. */
  usual: readonly string[];
  /** The column of a comparison, if there is one, and what the list no longer has. */
  compared?: readonly Column<T>[];
  gone?: ReactNode;
  /** Says that there is nothing, before what was searched. */
  empty: string;
}

/** One of the lists of the tab: the whole of it, with its columns and its export. */
export function ObservedCard<T extends object>(props: ObservedCardProps<T>) {
  const { view, noun, note, list, answer, columns, usual, empty } = props;
  const { compared = [], gone } = props;
  const { shown, picker } = useColumns(view, noun, columns, usual);
  const given = answer.data;
  if (answer.error) {
    return (
      <Failure
        title={`The ${noun} could not be read`}
        error={answer.error}
        again={answer.refetch}
      />
    );
  }
  if (given === undefined) return <CardSkeleton label={`Reading the ${noun}`} height={480} />;
  return (
    <Card title={titles[noun]} count={given.total} note={note} query={given.query}>
      {given.total === 0 && list.page.q === undefined ? (
        <NothingSearched view={view}>{empty}</NothingSearched>
      ) : (
        <>
          <ListTable
            noun={noun}
            list={list}
            columns={[...compared, ...shown]}
            rows={given.items ?? []}
            total={given.total}
            maxHeight={560}
            tools={
              <>
                {picker}
                <ExportMenu view={view} noun={noun} list={list} total={given.total} />
              </>
            }
          />
          {given.total === 0 && <Text size={200}>Nothing fits the filter.</Text>}
        </>
      )}
      {gone}
    </Card>
  );
}
