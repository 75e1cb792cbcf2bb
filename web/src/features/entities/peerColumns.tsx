import type { PeerItem } from "@/api/entities";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import type { Shown } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatBytes, formatCount } from "@/components/numbers";

/** What is shown of a peer when nothing else is asked for. */
export const usualPeerColumns = ["name", "records", "contacted", "first", "last", "bytes"];

/** All columns for a list of peers; shown is what the links say of their period. */
export function peerColumns(shown: Shown): Column<PeerItem>[] {
  return [
    {
      id: "name",
      header: "Address",
      sortable: true,
      ascendingFirst: true,
      cell: (p) => <EntityChip kind="ip" id={p.address} shown={shown} />,
      minWidth: 130,
    },
    {
      id: "records",
      header: "Records",
      numeric: true,
      sortable: true,
      cell: (p) => `${formatCount(p.records)} ${p.sourceKind}`,
    },
    { id: "contacted", header: "Contact", cell: (p) => (p.contacted ? "yes" : "no") },
    {
      id: "first",
      header: "First seen",
      sortable: true,
      cell: (p) => <Moment at={p.first} />,
      minWidth: 130,
    },
    {
      id: "last",
      header: "Last seen",
      sortable: true,
      cell: (p) => <Moment at={p.last} />,
      minWidth: 130,
    },
    {
      id: "bytes",
      header: "Bytes out / in",
      numeric: true,
      cell: (p) => `${formatBytes(p.bytesOut)} / ${formatBytes(p.bytesIn)}`,
    },
    {
      id: "exactBytes",
      header: "Bytes out / in, exact",
      numeric: true,
      cell: (p) => `${formatCount(p.bytesOut)} / ${formatCount(p.bytesIn)}`,
    },
  ];
}
