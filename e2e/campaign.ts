/** An intrusion of four devices that one server steers, in the order of their first contact. */
export const campaign = {
  server: "198.51.100.44",
  devices: [
    victim("acct01", "10.30.0.43", "una", "2023-10-10T00:34:00Z", 12, 10),
    victim("mkt01", "10.30.0.41", "mel", "2023-10-10T04:54:00Z", 10, 8),
    victim("prd01", "10.30.0.42", "pia", "2023-10-12T15:56:00Z", 8, 7),
    victim("it01", "10.30.0.40", "ivo", "2023-10-21T22:04:00Z", 6, 5),
  ],
};

type Victim = ReturnType<typeof victim>;

function victim(
  host: string,
  address: string,
  user: string,
  first: string,
  connections: number,
  seen: number,
) {
  return {
    name: `${host}.campaign.test`,
    address,
    account: `campaign\\${user}`,
    process: `invoice-${user}.exe`,
    command: `"C:\\Users\\${user}\\Downloads\\invoice-${user}.exe" /quiet`,
    /** When the sensor saw the first connection, in ms. */
    first: Date.parse(first),
    /** How many the sensor saw, one a minute. */
    connections,
    /** How many of these, the last ones, the host reported, a second later each. */
    seen,
  };
}

/** The lines of a Zeek conn.log: every connection of every device. */
export function campaignConnLog(): string {
  const lines = campaign.devices.flatMap((v, d) =>
    Array.from({ length: v.connections }, (_, i) =>
      JSON.stringify({
        ts: v.first / 1000 + 60 * i,
        uid: `V${d}${i}`,
        "id.orig_h": v.address,
        "id.orig_p": 50_000 + i,
        "id.resp_h": campaign.server,
        "id.resp_p": 4433,
        proto: "tcp",
        conn_state: "SF",
        history: "ShADadFf",
        duration: 2,
        orig_bytes: 500,
        resp_bytes: 2000,
      }),
    ),
  );
  return `${lines.join("\n")}\n`;
}

/**
 * The events of the hosts: the file comes down, is started, calls the server, and a minute
 * after the first call starts whoami.
 */
export function campaignHostLog(): string {
  const lines = campaign.devices.flatMap((v, d) => {
    const tool = guid(d, 1);
    const path = `C:\\Users\\${user(v)}\\Downloads\\${v.process}`;
    return [
      event(v, -120_000, 11, {
        ProcessGuid: guid(d, 0),
        ProcessId: "900",
        Image: "C:\\Program Files\\Edge\\msedge.exe",
        TargetFilename: path,
      }),
      event(v, -60_000, 1, {
        ProcessGuid: tool,
        ProcessId: "4200",
        Image: path,
        CommandLine: v.command,
        ParentProcessGuid: guid(d, 0),
        ParentProcessId: "900",
        ParentImage: "C:\\Windows\\explorer.exe",
        ParentCommandLine: "explorer.exe",
      }),
      ...Array.from({ length: v.seen }, (_, i) =>
        event(v, 60_000 * (v.connections - v.seen + i) + 1000, 3, {
          ProcessGuid: tool,
          ProcessId: "4200",
          Image: path,
          Protocol: "tcp",
          Initiated: "true",
          SourceIsIpv6: "false",
          SourceIp: v.address,
          SourcePort: `${50_000 + v.connections - v.seen + i}`,
          DestinationIsIpv6: "false",
          DestinationIp: campaign.server,
          DestinationPort: "4433",
        }),
      ),
      event(v, 61_000, 1, {
        ProcessGuid: guid(d, 2),
        ProcessId: "4300",
        Image: "C:\\Windows\\System32\\whoami.exe",
        CommandLine: "whoami /all",
        ParentProcessGuid: tool,
        ParentProcessId: "4200",
        ParentImage: path,
        ParentCommandLine: v.command,
      }),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function user(v: Victim): string {
  return v.account.split("\\")[1] ?? "";
}

function guid(device: number, process: number): string {
  return `{44444444-0000-0000-0000-0000000000${device}${process}}`;
}

/** A Sysmon event, so many ms after the first connection. */
function event(v: Victim, after: number, id: number, fields: Record<string, string>): string {
  const time = new Date(v.first + after).toISOString();
  return JSON.stringify({
    "@timestamp": time,
    Hostname: v.name,
    Channel: "Microsoft-Windows-Sysmon/Operational",
    SourceName: "Microsoft-Windows-Sysmon",
    EventID: id,
    UtcTime: time.replace("T", " ").replace("Z", ""),
    User: v.account,
    ...fields,
  });
}
