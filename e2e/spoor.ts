import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { beaconLog } from "./beacon";
import { scanLog } from "./scan";

const run = promisify(execFile);
const binary = process.env.SPOOR_BIN ?? join(import.meta.dirname, "..", "bin", "spoor");

/** A running server of the real binary, on a data folder of its own. */
export class Spoor {
  private constructor(
    readonly url: string,
    /** The password of "admin" that the first start printed. */
    readonly oneTimePassword: string,
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<Spoor> {
    const folder = await mkdtemp(join(tmpdir(), "spoor-e2e-"));
    const port = await freePort();
    const child = spawn(binary, ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const password = await printedPassword(child);
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/healthz`, child);
    return new Spoor(url, password, folder, child);
  }

  /** Takes in the fixture logs, the scan and the beacon. */
  async ingest(): Promise<void> {
    const scan = join(this.folder, "scan.log");
    await writeFile(scan, scanLog());
    const beacon = join(this.folder, "beacon.log");
    await writeFile(beacon, beaconLog());
    const names = [
      "conn.log",
      "dns.log",
      "http.log",
      "notice.log",
      "sysmon.jsonl",
      "hostile.jsonl",
    ];
    const logs = names.map((name) => join(import.meta.dirname, "fixtures", name));
    const { stdout: token } = await run(binary, [
      "token",
      "create",
      "--data-dir",
      this.folder,
      "--name",
      "e2e",
      "--role",
      "ingest",
    ]);
    await run(binary, [
      "ingest",
      "--server",
      this.url,
      "--token",
      token.trim(),
      ...logs,
      scan,
      beacon,
    ]);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const gone = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await gone;
    }
    await rm(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

async function printedPassword(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the server's output is not read");
  for await (const line of createInterface(child.stdout)) {
    const found = /one-time password: (\S+)/.exec(line);
    if (found?.[1]) {
      child.stdout.resume();
      return found[1];
    }
  }
  throw new Error("the server ended without printing a one-time password");
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const patience = Date.now() + 30_000;
  while (Date.now() < patience && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`${url} does not answer`);
}
