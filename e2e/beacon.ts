const calls = 40;
const start = Date.UTC(2024, 2, 6, 12) / 1000;

/** The lines of a Zeek conn.log: one host calls the same server every five minutes. */
export function beaconLog(): string {
  const lines = Array.from({ length: calls }, (_, i) =>
    JSON.stringify({
      ts: start + 300 * i,
      uid: `B${i}`,
      "id.orig_h": "10.20.0.14",
      "id.orig_p": 45_000 + i,
      "id.resp_h": "198.51.100.99",
      "id.resp_p": 8443,
      proto: "tcp",
      conn_state: "SF",
      history: "ShADadFf",
      duration: 1,
      orig_bytes: 64,
      resp_bytes: 128,
    }),
  );
  return `${lines.join("\n")}\n`;
}
