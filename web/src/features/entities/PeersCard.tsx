import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type EntityDocument, type EntityScope, type PeerItem, peersQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import { type Column, DataTable, type Sort } from "@/components/DataTable";
import { EntityLink } from "@/components/links";
import { formatBytes, formatCount } from "@/components/numbers";
import { Empty, Failure } from "@/components/states";
import { useDebounced } from "@/components/useDebounced";
import { formatTime } from "@/time/format";
import { PagedBar, pageSize } from "./Paged";
import { sortParam } from "./sort";

const columns: Column<PeerItem>[] = [
  {
    id: "name",
    header: "Address",
    sortable: true,
    cell: (p) => <EntityLink kind="ip" id={p.address} />,
    minWidth: 130,
  },
  {
    id: "records",
    header: "Records",
    numeric: true,
    sortable: true,
    cell: (p) => formatCount(p.records),
  },
  { id: "sourceKind", header: "Source kind", cell: (p) => p.sourceKind },
  { id: "contacted", header: "Contacted", cell: (p) => (p.contacted ? "yes" : "no") },
  {
    id: "first",
    header: "First seen",
    sortable: true,
    cell: (p) => formatTime(p.first),
    minWidth: 124,
  },
  {
    id: "last",
    header: "Last seen",
    sortable: true,
    cell: (p) => formatTime(p.last),
    minWidth: 124,
  },
  {
    id: "bytes",
    header: "Bytes out / in",
    numeric: true,
    cell: (p) => `${formatBytes(p.bytesOut)} / ${formatBytes(p.bytesIn)}`,
  },
];

/** The addresses at the other end; not to be mixed up with devices. */
export function PeersCard({ page, scope }: { page: EntityDocument; scope: EntityScope }) {
  const [sort, setSort] = useState<Sort>({ column: "records", descending: true });
  const [filter, setFilter] = useState("");
  const [offset, setOffset] = useState(0);
  const q = useDebounced(filter.trim(), 250);
  const { from, to } = page.range;
  const list = useQuery(
    peersQuery(
      { ...scope, from, to },
      { limit: pageSize, offset, sort: sortParam(sort), q: q || undefined },
    ),
  );
  const items = useMemo(() => list.data?.items ?? [], [list.data]);
  const total = list.data?.total ?? page.peers.total;
  return (
    <Card
      title="Peers"
      count={page.peers.total}
      note="addresses at the other end"
      query={page.peers.query}
    >
      {list.isError && <Failure title="The peers could not be read" error={list.error} />}
      {page.peers.total === 0 ? (
        <Empty>No address stood at the other end in this period.</Empty>
      ) : (
        <>
          <PagedBar
            noun="peers"
            filterLabel="Filter peers"
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
            label="Peers"
            columns={columns}
            rows={items}
            sort={sort}
            onSort={(next) => {
              setSort(next);
              setOffset(0);
            }}
            total={total}
            offset={offset}
            maxHeight={360}
          />
        </>
      )}
    </Card>
  );
}
