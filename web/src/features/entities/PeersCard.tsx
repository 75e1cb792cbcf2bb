import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type PeerItem, peersQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { EntityLink } from "@/components/links";
import { formatBytes, formatCount } from "@/components/numbers";
import { Empty, Failure } from "@/components/states";
import { formatTime } from "@/time/format";
import { ListTable } from "./ListTable";
import { useListPage } from "./useListPage";
import type { EntityView } from "./view";

const columns: Column<PeerItem>[] = [
  {
    id: "name",
    header: "Address",
    sortable: true,
    ascendingFirst: true,
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
  { id: "contacted", header: "Contact", cell: (p) => (p.contacted ? "yes" : "no") },
  {
    id: "first",
    header: "First seen",
    sortable: true,
    cell: (p) => formatTime(p.first),
    minWidth: 112,
  },
  {
    id: "last",
    header: "Last seen",
    sortable: true,
    cell: (p) => formatTime(p.last),
    minWidth: 112,
  },
  {
    id: "bytes",
    header: "Bytes out / in",
    numeric: true,
    cell: (p) => `${formatBytes(p.bytesOut)} / ${formatBytes(p.bytesIn)}`,
  },
];

/** The addresses at the other end; not to be mixed up with devices. */
export function PeersCard({ view }: { view: EntityView }) {
  const { peers } = view.page;
  const list = useListPage();
  const answer = useQuery(peersQuery(view.scope, list.page, list.isFirst ? peers : undefined));
  const items = useMemo(() => answer.data?.items ?? [], [answer.data]);
  return (
    <Card title="Peers" count={peers.total} note="addresses at the other end" query={peers.query}>
      {answer.isError && <Failure title="The peers could not be read" error={answer.error} />}
      {peers.total === 0 ? (
        <Empty>No address stood at the other end in this period.</Empty>
      ) : (
        <ListTable
          noun="peers"
          list={list}
          columns={columns}
          rows={items}
          total={answer.data?.total ?? peers.total}
          maxHeight={360}
        />
      )}
    </Card>
  );
}
