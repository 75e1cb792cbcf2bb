import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { devicesQuery, type EntityDocument, type EntityScope } from "@/api/entities";
import { Card } from "@/components/Card";
import { Empty, Failure } from "@/components/states";
import { deviceColumns } from "./deviceColumns";
import { ListTable } from "./ListTable";
import { useListPage } from "./useListPage";

interface DevicesCardProps {
  page: EntityDocument;
  scope: EntityScope;
  onSite: (site: string) => void;
}

/** The own hosts that dealt with the entity. */
export function DevicesCard({ page, scope, onSite }: DevicesCardProps) {
  const { devices, range } = page;
  const list = useListPage();
  const answer = useQuery(
    devicesQuery(
      { ...scope, from: range.from, to: range.to },
      list.page,
      list.isFirst ? devices : undefined,
    ),
  );
  const items = useMemo(() => answer.data?.items ?? [], [answer.data]);
  const columns = useMemo(() => deviceColumns(items, onSite), [items, onSite]);
  return (
    <Card
      title="Observed in organisation"
      count={devices.total}
      note="own hosts, one line each"
      query={devices.query}
    >
      {answer.isError && <Failure title="The devices could not be read" error={answer.error} />}
      {devices.total === 0 ? (
        <Empty>No own host dealt with it in this period.</Empty>
      ) : (
        <ListTable
          noun="devices"
          list={list}
          columns={columns}
          rows={items}
          total={answer.data?.total ?? devices.total}
        />
      )}
    </Card>
  );
}
