/** One server that 50,000 own addresses talk to, one connection each, one a second. */
export const crowd = {
  server: "198.51.100.50",
  devices: 50_000,
  first: Date.UTC(2023, 8, 10) / 1000,
};

/** The own address of the nth device, from 10.100.0.0 on. */
export function crowdAddress(n: number): string {
  return `10.${100 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

/** The lines of a Zeek conn.log. */
export function crowdLog(): string {
  const lines = Array.from({ length: crowd.devices }, (_, i) =>
    JSON.stringify({
      ts: crowd.first + i,
      uid: `M${i}`,
      "id.orig_h": crowdAddress(i),
      "id.orig_p": 40_000,
      "id.resp_h": crowd.server,
      "id.resp_p": 443,
      proto: "tcp",
      conn_state: "SF",
      history: "ShADadFf",
      duration: 1,
      orig_bytes: 10,
      resp_bytes: 20,
    }),
  );
  return `${lines.join("\n")}\n`;
}
