import type { AddressItem, Alert, DeviceItem, OwnUse, PeerItem } from "@/api/entities";
import type { Beacon, Connection, FlowNode } from "@/api/flows";
import type {
  Certificate,
  Component,
  Cookie,
  DNSRecord,
  HostPair,
  Service,
  Subdomain,
} from "@/api/footprint";
import type { InsightItem } from "@/api/insights";

/*
 * What a comparison of the server calls each of a list: its parts with spaces between, those
 * that are empty left out.
 */

function named(...parts: string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}

/** A device: its name, or the address of one that has none. */
export function deviceKey(d: Pick<DeviceItem, "deviceName" | "address">): string {
  return d.deviceName || (d.address ?? "");
}

export const peerKey = (p: PeerItem) => p.address;
export const addressKey = (a: AddressItem) => a.address;

/** Whom an address dealt with; of other pages both ends. */
function otherEnd(local: string, remote: string, id: string): string {
  return id === local ? remote : id === remote ? local : `${local} ${remote}`;
}

/** A port of which the connections were opened from one side; ICMP has none. */
function portName(port: number, protocol: string, side: "inside" | "outside"): string {
  if (protocol.toLowerCase() === "icmp") return `ICMP, from ${side}`;
  return `${named(`${port}`, protocol)}, opened from ${side}`;
}

export function connectionKey(c: Connection, id: string): string {
  const side = c.direction === "in" ? "outside" : "inside";
  return `${otherEnd(c.local, c.remote, id)} ${portName(c.port, c.protocol, side)}`;
}

export const exposedPort = (e: NonNullable<OwnUse["exposure"]>[number]) =>
  portName(e.port, e.protocol ?? "", "outside");

export const logonKey = (l: NonNullable<OwnUse["logons"]>[number]) =>
  named(l.deviceName, l.account, l.actionType, l.logonType ?? "");

export const beaconKey = (b: Beacon, id: string) => named(otherEnd(b.local, b.remote, id), b.site);

/** A link of a flow; none for one of a node that stands for many. */
export function linkKey(source: FlowNode, target: FlowNode): string | undefined {
  return source.others || target.others ? undefined : named(source.name, "→", target.name);
}

export const alertKey = (a: Alert) => a.title;

export const dnsKey = (r: DNSRecord) => named(r.rrname, r.rrtype, r.rdata, r.via);
export const certificateKey = (c: Certificate) => named(c.subject, c.fingerprint);
export const serviceKey = (s: Service) => named(s.address, `${s.port}`, s.protocol.toLowerCase());
export const hostPairKey = (p: HostPair) => named(p.parent, "→", p.child, p.cause);
export const componentKey = (c: Component) => named(c.server, c.name, c.header);
export const cookieKey = (c: Cookie) => named(c.host, c.name);
export const subdomainKey = (s: Subdomain) => s.name;

/** An address beside what it shares. */
export const sharedKey = (value: string, address: string) => named(value, address);

/** A row of a curated query. */
export function insightKey({ columns, by }: InsightItem, cells: readonly string[]): string {
  return named(...(by ?? []).map((column) => cells[(columns ?? []).indexOf(column)] ?? ""));
}
