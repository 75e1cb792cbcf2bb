import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import type { DeviceItem, EntityKind, LastEvent as Event } from "@/api/entities";
import { isMany } from "@/api/kinds";
import type { Column } from "@/components/DataTable";
import { AccountChip, EntityChip } from "@/components/EntityChip";
import type { Shown } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatBytes, formatCount } from "@/components/numbers";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
  oneLine: { whiteSpace: "nowrap" },
  badge: { marginLeft: "6px" },
});

/** Why a list of devices is empty, for an entity of that kind. */
export function noDevices(kind: EntityKind): string {
  return kind === "ip" || isMany(kind)
    ? "No own host dealt with it in this period."
    : "No host says so itself in this period; network sensors name no host.";
}

const columns: Column<DeviceItem>[] = [
  {
    id: "name",
    header: "Device",
    sortable: true,
    ascendingFirst: true,
    cell: (d) => <DeviceName device={d} />,
    // A whole name takes two lines at most, broken at a hyphen.
    minWidth: 190,
  },
  {
    id: "address",
    header: "Own address",
    cell: (d) => address(d),
    minWidth: 118,
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
    cell: (d) => <Moment at={d.first} />,
    minWidth: 112,
  },
  {
    id: "last",
    header: "Last seen",
    sortable: true,
    cell: (d) => <Moment at={d.last} />,
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
    cell: (d) => <AccountChip account={d.lastEvent.account} />,
    minWidth: 150,
  },
  {
    id: "bytes",
    header: "Bytes out / in",
    numeric: true,
    cell: (d) => `${formatBytes(d.bytesOut)} / ${formatBytes(d.bytesIn)}`,
    minWidth: 110,
  },
];

/** What only connections have, which no record of a file or a logon is. */
const ofConnections = ["address", "contacted", "bytes"];

/**
 * What is shown of a device when nothing else is asked for, beside an entity of a kind; the
 * site where there are several.
 */
export function usualDeviceColumns(kind: EntityKind, sites: number): string[] {
  const connects = kind !== "hash" && kind !== "account" && kind !== "device";
  const ids = columns.map(({ id }) => id).filter((id) => connects || !ofConnections.includes(id));
  return sites > 1 ? [...ids, "site"] : ids;
}

/** All columns there are for a device; shown is what the links say of their period. */
export function wholeDeviceColumns(
  onSite: (site: string) => void,
  shown: Shown,
): Column<DeviceItem>[] {
  const linked = columns.map((column) => {
    if (column.id === "name") {
      return { ...column, cell: (d: DeviceItem) => <DeviceName device={d} shown={shown} sensor /> };
    }
    if (column.id === "address") return { ...column, cell: (d: DeviceItem) => address(d, shown) };
    return column;
  });
  return [...linked, ...rareColumns, siteColumn(onSite)];
}

const rareColumns: Column<DeviceItem>[] = [
  {
    id: "firstContact",
    header: "First contact",
    cell: (d) => (d.firstContact ? <Moment at={d.firstContact} /> : "none"),
    minWidth: 112,
  },
  {
    id: "lastEventTime",
    header: "Time of last event",
    cell: (d) => <Moment at={d.lastEvent.time} />,
    minWidth: 112,
  },
  {
    id: "bySource",
    header: "Records by source kind",
    cell: (d) =>
      (d.bySource ?? []).map((s) => `${s.sourceKind} ${formatCount(s.records)}`).join(", "),
    minWidth: 200,
  },
  {
    id: "exactBytes",
    header: "Bytes out / in, exact",
    numeric: true,
    cell: (d) => `${formatCount(d.bytesOut)} / ${formatCount(d.bytesIn)}`,
  },
  {
    id: "deviceId",
    header: "Device id",
    cell: (d) => <Untrusted>{d.deviceId}</Untrusted>,
    minWidth: 160,
  },
];

function siteColumn(onSite: (site: string) => void): Column<DeviceItem> {
  return {
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
}

function address(device: DeviceItem, shown?: Shown) {
  return device.address ? <EntityChip kind="ip" id={device.address} shown={shown} /> : "";
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

interface DeviceNameProps {
  device: DeviceItem;
  shown?: Shown;
  /** Whether it is said of a device that nothing on it reported. */
  sensor?: boolean;
}

function DeviceName({ device, shown, sensor = false }: DeviceNameProps) {
  const styles = useStyles();
  if (device.deviceName === "") {
    const reason = device.address ? "address nobody claims" : "unnamed";
    return <span className={styles.quiet}>{reason}</span>;
  }
  return (
    <>
      <EntityChip kind="device" id={device.deviceName} shown={shown} />
      {sensor && !device.hostSensor && (
        <Badge
          className={styles.badge}
          appearance="outline"
          color="informative"
          size="small"
          title="Nothing on the host reported this: only network sensors saw it, so no process is known"
        >
          no host sensor
        </Badge>
      )}
    </>
  );
}
