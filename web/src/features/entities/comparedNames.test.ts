import { expect, test } from "vitest";
import {
  beaconKey,
  dnsKey,
  exposedPort,
  insightKey,
  linkKey,
  logonKey,
  serviceKey,
} from "./comparedNames";

test("a name is the parts with spaces between, the empty ones left out", () => {
  const seen = { firstSeen: "", lastSeen: "", count: 1, source: "zeek.dns", via: "dns" as const };
  expect(dnsKey({ ...seen, rrname: "c2.example", rrtype: "A", rdata: "203.0.113.9" })).toBe(
    "c2.example A 203.0.113.9 dns",
  );
  const times = { first: "", last: "", records: 2 };
  const logon = { deviceName: "srv", account: "example\\ada", actionType: "LogonSuccess" };
  expect(logonKey({ ...logon, ...times })).toBe("srv example\\ada LogonSuccess");
  const service = { services: [], banners: [], clients: 1, first: "", last: "", bySource: [] };
  expect(serviceKey({ ...service, address: "203.0.113.9", port: 443, protocol: "Tcp" })).toBe(
    "203.0.113.9 443 tcp",
  );
});

test("a pair is named by whom the page is not about", () => {
  const regular = { value: 1, symmetry: 1, closeness: 1, q1: 1, median: 1, q3: 1, deviation: 0 };
  const pair = {
    rank: 1,
    local: "10.1.1.5",
    remote: "203.0.113.9",
    site: "hq",
    records: 40,
    first: "",
    last: "",
    from: "",
    to: "",
    score: 1,
    intervalRegularity: regular,
    sizeRegularity: regular,
    span: 1,
    hours: 1,
    query: "",
  };
  expect(beaconKey(pair, "203.0.113.9")).toBe("10.1.1.5 hq");
  expect(beaconKey({ ...pair, site: "" }, "10.1.1.5")).toBe("203.0.113.9");
  expect(beaconKey(pair, "203.0.113.0/24")).toBe("10.1.1.5 203.0.113.9 hq");
});

test("a port without a protocol has no gap in its name", () => {
  const exposed = { port: 443, first: "", last: "", peers: 1, records: 1, sourceKind: "sysmon.3" };
  expect(exposedPort(exposed)).toBe("443, opened from outside");
  expect(exposedPort({ ...exposed, protocol: "Tcp" })).toBe("443 Tcp, opened from outside");
  expect(exposedPort({ ...exposed, port: 0, protocol: "Icmp" })).toBe("ICMP, from outside");
});

test("a link of a node that stands for many has no name", () => {
  const device = { id: "device:0", column: "device" as const, name: "ada-ws", records: 1 };
  const none = { id: "process:0", column: "process" as const, name: "", records: 1 };
  expect(linkKey(device, none)).toBe("ada-ws →");
  expect(linkKey({ ...device, name: "", others: 3 }, none)).toBeUndefined();
});

test("a row of a curated query is named by the columns that tell rows apart", () => {
  const item = {
    id: "x",
    title: "",
    question: "",
    state: "rows" as const,
    tables: [],
    needs: "",
    query: "",
    total: 1,
    columns: ["Process", "Records", "Port"],
    by: ["Process", "Port"],
    count: "Records",
    rows: [],
  };
  expect(insightKey(item, ["curl.exe", "7", "443"])).toBe("curl.exe 443");
  expect(insightKey(item, ["", "7", "443"])).toBe("443");
});
