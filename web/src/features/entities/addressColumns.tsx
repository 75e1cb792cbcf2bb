import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import type { AddressItem } from "@/api/entities";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import type { Shown } from "@/components/links";
import { formatBytes, formatCount } from "@/components/numbers";
import { Untrusted } from "@/components/Untrusted";
import { formatTime } from "@/time/format";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
  oneLine: { whiteSpace: "nowrap" },
  badge: { marginLeft: "6px" },
});

/** What is shown of an address of many when nothing else is asked for. */
export const usualAddressColumns = [
  "name",
  "devices",
  "outcome",
  "records",
  "first",
  "last",
  "bytes",
  "country",
  "asn",
  "noise",
];

/** All columns for the addresses of many; shown is what the links say of their period. */
export function addressColumns(shown: Shown): Column<AddressItem>[] {
  return [
    {
      id: "name",
      header: "Address",
      sortable: true,
      ascendingFirst: true,
      cell: (a) => <Address item={a} shown={shown} />,
      minWidth: 130,
    },
    {
      id: "devices",
      header: "Devices",
      numeric: true,
      sortable: true,
      cell: (a) => formatCount(a.devices),
    },
    { id: "outcome", header: "Outcome", cell: (a) => a.outcome ?? "" },
    { id: "contacted", header: "Contact", cell: (a) => (a.contacted ? "yes" : "no") },
    {
      id: "records",
      header: "Records",
      numeric: true,
      sortable: true,
      cell: (a) => <Records item={a} />,
    },
    {
      id: "first",
      header: "First seen",
      sortable: true,
      cell: (a) => formatTime(a.first),
      minWidth: 112,
    },
    {
      id: "last",
      header: "Last seen",
      sortable: true,
      cell: (a) => formatTime(a.last),
      minWidth: 112,
    },
    {
      id: "bytes",
      header: "Bytes out / in",
      numeric: true,
      sortable: true,
      cell: (a) => `${formatBytes(a.bytesOut)} / ${formatBytes(a.bytesIn)}`,
      minWidth: 110,
    },
    {
      id: "exactBytes",
      header: "Bytes out / in, exact",
      numeric: true,
      cell: (a) => `${formatCount(a.bytesOut)} / ${formatCount(a.bytesIn)}`,
    },
    {
      id: "country",
      header: "Country",
      cell: (a) => <Untrusted>{a.country ?? ""}</Untrusted>,
      minWidth: 96,
    },
    { id: "asn", header: "AS", cell: (a) => <System item={a} />, minWidth: 180 },
    { id: "noise", header: "Known noise", cell: (a) => <Noise item={a} /> },
  ];
}

function Address({ item, shown }: { item: AddressItem; shown: Shown }) {
  const styles = useStyles();
  return (
    <span className={styles.oneLine}>
      <EntityChip kind="ip" id={item.address} shown={shown} />
      {item.own && (
        <Badge className={styles.badge} appearance="outline" color="success" size="small">
          own
        </Badge>
      )}
    </span>
  );
}

function Records({ item }: { item: AddressItem }) {
  const styles = useStyles();
  return (
    <span className={styles.oneLine}>
      {formatCount(item.records)} <span className={styles.quiet}>{item.sourceKind}</span>
    </span>
  );
}

function System({ item }: { item: AddressItem }) {
  if (!item.asn) return "";
  return (
    <>
      <EntityChip kind="asn" id={`AS${item.asn}`} /> <Untrusted>{item.org ?? ""}</Untrusted>
    </>
  );
}

function Noise({ item }: { item: AddressItem }) {
  const lists = item.noise ?? [];
  return [...new Set(lists.map((n) => n.class))].map((name) => (
    <Badge
      key={name}
      appearance="outline"
      color="informative"
      size="small"
      title={lists
        .filter((n) => n.class === name)
        .map((n) => `${n.name}: ${n.entry}`)
        .join("\n")}
    >
      <Untrusted>{name}</Untrusted>
    </Badge>
  ));
}
