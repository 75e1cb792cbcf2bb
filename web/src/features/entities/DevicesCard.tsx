import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import {
  type DeviceItem,
  devicesQuery,
  type EntityDocument,
  type EntityScope,
} from "@/api/entities";
import { Card } from "@/components/Card";
import { type Column, DataTable, type Sort } from "@/components/DataTable";
import { EntityLink } from "@/components/links";
import { formatBytes, formatCount } from "@/components/numbers";
import { Empty, Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { useDebounced } from "@/components/useDebounced";
import { formatTime } from "@/time/format";
import { PagedBar, pageSize } from "./Paged";
import { sortParam } from "./sort";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface DevicesCardProps {
  page: EntityDocument;
  scope: EntityScope;
  onSite: (site: string) => void;
}

/** The own hosts that dealt with the entity; the server sorts, filters and pages. */
export function DevicesCard({ page, scope, onSite }: DevicesCardProps) {
  const [sort, setSort] = useState<Sort>({ column: "records", descending: true });
  const [filter, setFilter] = useState("");
  const [offset, setOffset] = useState(0);
  const q = useDebounced(filter.trim(), 250);
  const { from, to } = page.range;
  const list = useQuery(
    devicesQuery(
      { ...scope, from, to },
      { limit: pageSize, offset, sort: sortParam(sort), q: q || undefined },
    ),
  );
  const columns = useDeviceColumns(onSite);
  const items = list.data?.items ?? [];
  const total = list.data?.total ?? page.devices.total;
  return (
    <Card
      title="Observed in organisation"
      count={page.devices.total}
      note="own hosts, one line each"
      query={page.devices.query}
    >
      {list.isError && <Failure title="The devices could not be read" error={list.error} />}
      {page.devices.total === 0 ? (
        <Empty>No own host dealt with it in this period.</Empty>
      ) : (
        <>
          <PagedBar
            noun="devices"
            filterLabel="Filter devices"
            filter={filter}
            onFilter={(next) => {
              setFilter(next);
              setOffset(0);
            }}
            offset={offset}
            shown={items.length}
            total={total}
            onOffset={setOffset}
          />
          <DataTable
            label="Devices"
            columns={columns}
            rows={items}
            sort={sort}
            onSort={(next) => {
              setSort(next);
              setOffset(0);
            }}
            total={total}
            offset={offset}
          />
        </>
      )}
    </Card>
  );
}

function useDeviceColumns(onSite: (site: string) => void) {
  return useMemo<Column<DeviceItem>[]>(
    () => [
      {
        id: "name",
        header: "Device",
        sortable: true,
        cell: (d) => <DeviceName device={d} />,
        minWidth: 150,
      },
      {
        id: "address",
        header: "Own address",
        cell: (d) => (d.address ? <EntityLink kind="ip" id={d.address} /> : ""),
      },
      {
        id: "records",
        header: "Records",
        numeric: true,
        sortable: true,
        cell: (d) => (
          <span
            title={(d.bySource ?? [])
              .map((s) => `${s.sourceKind}: ${formatCount(s.records)}`)
              .join("\n")}
          >
            {formatCount(d.records)}
          </span>
        ),
      },
      { id: "sourceKind", header: "Source kind", cell: (d) => d.sourceKind },
      { id: "contacted", header: "Contacted", cell: (d) => (d.contacted ? "yes" : "no") },
      {
        id: "first",
        header: "First seen",
        sortable: true,
        cell: (d) => formatTime(d.first),
        minWidth: 124,
      },
      {
        id: "last",
        header: "Last seen",
        sortable: true,
        cell: (d) => formatTime(d.last),
        minWidth: 124,
      },
      {
        id: "lastEvent",
        header: "Last event",
        minWidth: 150,
        cell: ({ lastEvent: e }) => (
          <span title={`${e.sourceKind} ${e.rawId}`}>
            {e.actionType}
            {e.port ? ` :${e.port}` : ""}
          </span>
        ),
      },
      {
        id: "process",
        header: "Process",
        minWidth: 110,
        cell: (d) => <Untrusted>{d.lastEvent.process ?? ""}</Untrusted>,
      },
      {
        id: "account",
        header: "User",
        minWidth: 110,
        cell: (d) => <Untrusted>{d.lastEvent.account ?? ""}</Untrusted>,
      },
      {
        id: "bytes",
        header: "Bytes out / in",
        numeric: true,
        cell: (d) => `${formatBytes(d.bytesOut)} / ${formatBytes(d.bytesIn)}`,
        minWidth: 110,
      },
      {
        id: "site",
        header: "Site",
        cell: (d) =>
          d.site === "" ? (
            ""
          ) : (
            <TextButton link onClick={() => onSite(d.site)}>
              {d.site}
            </TextButton>
          ),
      },
    ],
    [onSite],
  );
}

function DeviceName({ device }: { device: DeviceItem }) {
  const styles = useStyles();
  if (device.deviceName === "") {
    return (
      <Text size={200} className={styles.quiet}>
        {device.address ? "address nobody claims" : "unnamed"}
      </Text>
    );
  }
  return (
    <EntityLink kind="device" id={device.deviceName}>
      <Untrusted>{device.deviceName}</Untrusted>
    </EntityLink>
  );
}
