import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { beaconLog } from "./beacon";
import { campaignConnLog, campaignHostLog } from "./campaign";
import { crowdLog } from "./crowd";
import { hostileLog } from "./hostile";
import { scanLog } from "./scan";

const run = promisify(execFile);
const binary = process.env.SPOOR_BIN ?? join(import.meta.dirname, "..", "bin", "spoor");

/** A running server of the real binary, on a data folder of its own. */
export class Spoor {
  private token: string | undefined;

  private constructor(
    readonly url: string,
    /** The password of "admin" that the first start printed. */
    readonly oneTimePassword: string,
    private readonly folder: string,
    private process: ChildProcess,
  ) {}

  static async start(): Promise<Spoor> {
    const folder = await mkdtemp(join(tmpdir(), "spoor-e2e-"));
    const host = `127.0.0.1:${await freePort()}`;
    const child = serve(host, folder);
    const password = await printedPassword(child);
    const url = `http://${host}`;
    await answers(`${url}/healthz`, child);
    return new Spoor(url, password, folder, child);
  }

  /** The invented organisation of the product's demo, whose logs end now. */
  static async demo(): Promise<Spoor> {
    const folder = await mkdtemp(join(tmpdir(), "spoor-e2e-"));
    const host = `127.0.0.1:${await freePort()}`;
    const child = spawn(binary, ["demo", "--listen", host], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const password = await printedPassword(child);
    const url = `http://${host}`;
    await answers(`${url}/healthz`, child);
    return new Spoor(url, password, folder, child);
  }

  /** Takes in the fixture logs and those that are made. */
  async ingest(): Promise<void> {
    const made = {
      "scan.log": scanLog(),
      "beacon.log": beaconLog(),
      "campaign.log": campaignConnLog(),
      "campaign.jsonl": campaignHostLog(),
      "crowd.log": crowdLog(),
      "hostile-http.log": hostileLog(),
    };
    const paths = Object.keys(made).map((name) => join(this.folder, name));
    await Promise.all(Object.values(made).map((text, i) => writeFile(paths[i] ?? "", text)));
    const names = [
      "conn.log",
      "dns.log",
      "http.log",
      "notice.log",
      "sysmon.jsonl",
      "hostile.jsonl",
    ];
    const logs = names.map((name) => join(import.meta.dirname, "fixtures", name));
    await this.take([...logs, ...paths]);
  }

  /** Takes in more, given as the text of a log. */
  async ingestText(name: string, text: string): Promise<void> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    await this.take([path]);
  }

  private async take(paths: string[]): Promise<void> {
    this.token ??= await createToken(this.folder);
    await run(binary, ["ingest", "--server", this.url, "--token", this.token, ...paths]);
  }

  /** What a command of the command line prints, run by who owns the data folder. */
  async run(...command: string[]): Promise<string> {
    const { stdout } = await run(binary, [...command, "--data-dir", this.folder]);
    return stdout;
  }

  /** Kills the server, as a power cut would; its data folder stays. */
  async kill(): Promise<void> {
    const gone = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await gone;
  }

  /** Starts the server again on its folder and at its address. */
  async again(): Promise<void> {
    this.process = serve(new URL(this.url).host, this.folder);
    this.process.stdout?.resume();
    await answers(`${this.url}/healthz`, this.process);
  }

  /** The memory (bytes) that the server has had at most since it was started. */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.process.pid}/status`, "utf8");
    return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await gone;
    }
    await rm(this.folder, { recursive: true });
  }
}

function serve(listen: string, folder: string): ChildProcess {
  const flags = ["--listen", listen, "--data-dir", folder, "--memory", "1000"];
  const log = openSync(join(folder, "server.log"), "a");
  const child = spawn(binary, ["serve", ...flags], { stdio: ["ignore", "pipe", log] });
  closeSync(log);
  return child;
}

/** A token that may take logs in. */
async function createToken(folder: string): Promise<string> {
  const flags = ["--data-dir", folder, "--name", "e2e", "--role", "ingest"];
  const { stdout } = await run(binary, ["token", "create", ...flags]);
  return stdout.trim();
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
    const found = /one-time password:? (\S+)/.exec(line);
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
