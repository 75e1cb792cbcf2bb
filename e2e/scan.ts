const targets = 130;
const start = Date.UTC(2024, 2, 5, 12) / 1000;

/** The lines of a Zeek conn.log: one address knocks at 130 doors, and none is opened. */
export function scanLog(): string {
  const lines = Array.from({ length: targets }, (_, i) =>
    JSON.stringify({
      ts: start + i,
      uid: `S${i}`,
      "id.orig_h": "198.51.100.7",
      "id.orig_p": 40_000,
      "id.resp_h": `10.20.1.${i + 1}`,
      "id.resp_p": 22,
      proto: "tcp",
      conn_state: "REJ",
      history: "Sr",
      orig_bytes: 0,
      resp_bytes: 0,
    }),
  );
  return `${lines.join("\n")}\n`;
}
