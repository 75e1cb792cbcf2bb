import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { devicesQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import { Failure } from "@/components/states";
import { compareAs, Gone, useComparedColumn } from "./comparing";
import { noDevices, usualDeviceColumns, wholeDeviceColumns } from "./deviceColumns";
import { ListTable } from "./ListTable";
import { NothingHere } from "./NothingHere";
import { useColumns } from "./useColumns";
import { useListPage } from "./useListPage";
import type { EntityView } from "./view";

const devicesCompared = { part: "page", list: "devices" } as const;

/** The own hosts that dealt with the entity. */
export function DevicesCard({ view }: { view: EntityView }) {
  const { scope, update } = view;
  const { devices } = view.page;
  const list = useListPage();
  const answer = useQuery(devicesQuery(scope, list.page, list.isFirst ? devices : undefined));
  const items = useMemo(() => answer.data?.items ?? [], [answer.data]);
  const columns = useMemo(() => wholeDeviceColumns((site) => update({ site }), {}), [update]);
  const usual = usualDeviceColumns(view.entity.kind, view.page.sites?.length ?? 0);
  const { shown, picker } = useColumns(view, "devices", columns, usual);
  const compared = useComparedColumn(view, devicesCompared, compareAs);
  return (
    <Card
      title="Observed in organisation"
      count={devices.total}
      note="own hosts, one line each"
      query={devices.query}
    >
      {answer.isError && (
        <Failure
          title="The devices could not be read"
          error={answer.error}
          again={answer.refetch}
        />
      )}
      {devices.total === 0 ? (
        <NothingHere view={view} of="anything">
          {noDevices(view.entity.kind)}
        </NothingHere>
      ) : (
        <ListTable
          noun="devices"
          list={list}
          columns={[...compared, ...shown]}
          tools={picker}
          rows={items}
          total={answer.data?.total ?? devices.total}
        />
      )}
      <Gone view={view} which={devicesCompared} noun="devices" kind="device" />
    </Card>
  );
}
