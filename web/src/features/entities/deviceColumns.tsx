import { makeStyles, tokens } from "@fluentui/react-components";
import type { DeviceItem, LastEvent as Event } from "@/api/entities";
import type { Column } from "@/components/DataTable";
import { EntityLink } from "@/components/links";
import { formatBytes, formatCount } from "@/components/numbers";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { formatTime } from "@/time/format";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
  oneLine: { whiteSpace: "nowrap" },
});

const columns: Column<DeviceItem>[] = [
  {
    id: "name",
    header: "Device",
    sortable: true,
    ascendingFirst: true,
    cell: (d) => <DeviceName device={d} />,
    minWidth: 140,
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
    cell: (d) => <Records device={d} />,
  },
  { id: "contacted", header: "Contact", cell: (d) => (d.contacted ? "yes" : "no") },
  {
    id: "first",
    header: "First seen",
    sortable: true,
    cell: (d) => formatTime(d.first),
    minWidth: 112,
  },
  {
    id: "last",
    header: "Last seen",
    sortable: true,
    cell: (d) => formatTime(d.last),
    minWidth: 112,
  },
  {
    id: "lastEvent",
    header: "Last event",
    cell: (d) => <LastEvent event={d.lastEvent} />,
    minWidth: 150,
  },
  {
    id: "process",
    header: "Process",
    cell: (d) => <Untrusted>{d.lastEvent.process ?? ""}</Untrusted>,
    minWidth: 96,
  },
  {
    id: "account",
    header: "User",
    cell: (d) => <Untrusted>{d.lastEvent.account ?? ""}</Untrusted>,
    minWidth: 100,
  },
  {
    id: "bytes",
    header: "Bytes out / in",
    numeric: true,
    cell: (d) => `${formatBytes(d.bytesOut)} / ${formatBytes(d.bytesIn)}`,
    minWidth: 110,
  },
];

/** The columns for a list of devices: that of the sites only where there are several. */
export function deviceColumns(
  items: readonly DeviceItem[],
  onSite: (site: string) => void,
): Column<DeviceItem>[] {
  if (items.every((d) => d.site === items[0]?.site)) return columns;
  const site: Column<DeviceItem> = {
    id: "site",
    header: "Site",
    cell: (d) =>
      d.site === "" ? (
        ""
      ) : (
        <TextButton link onClick={() => onSite(d.site)} aria-label={`Show only site ${d.site}`}>
          <Untrusted>{d.site}</Untrusted>
        </TextButton>
      ),
  };
  return [...columns, site];
}

/** The number of the kind with most records; the others stand in the title. */
function Records({ device }: { device: DeviceItem }) {
  const styles = useStyles();
  const all = (device.bySource ?? []).map((s) => `${s.sourceKind}: ${formatCount(s.records)}`);
  return (
    <span className={styles.oneLine} title={all.join("\n")}>
      {formatCount(device.records)} <span className={styles.quiet}>{device.sourceKind}</span>
    </span>
  );
}

function LastEvent({ event }: { event: Event }) {
  const text = event.port ? `${event.actionType} :${event.port}` : event.actionType;
  return (
    <span title={`${event.sourceKind} ${event.rawId}`}>
      <Untrusted>{text}</Untrusted>
    </span>
  );
}

function DeviceName({ device }: { device: DeviceItem }) {
  const styles = useStyles();
  if (device.deviceName === "") {
    const reason = device.address ? "address nobody claims" : "unnamed";
    return <span className={styles.quiet}>{reason}</span>;
  }
  return (
    <EntityLink kind="device" id={device.deviceName}>
      <Untrusted>{device.deviceName}</Untrusted>
    </EntityLink>
  );
}
