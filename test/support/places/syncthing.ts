import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { ServerProgram, freePort, programPath } from "./server-program.ts";

const run = promisify(execFile);

/** `absent: syncthing`, in the words that a skip needs; false where it is installed. */
export const absentSyncthing: `absent: ${string}` | false =
  programPath("syncthing") === undefined ? "absent: syncthing" : false;

/** One Syncthing with a home of its own; it speaks with nobody but those that it is told of, on this machine. */
export class SyncthingDevice {
  readonly name: string;
  readonly id: string;
  /** The folder that it shares, with the id `backups`. */
  readonly folder: string;
  readonly apiKey: string;
  readonly #home: string;
  readonly #ports: { readonly gui: number; readonly listen: number };
  readonly #tls: boolean;
  #others: readonly SyncthingDevice[] = [];
  #server: ServerProgram | undefined;

  private constructor({ name, id, home, ports, tls }: Made) {
    this.name = name;
    this.id = id;
    this.#home = home;
    this.#ports = ports;
    this.#tls = tls;
    this.folder = join(home, `${name} 'ü' $x %20 [1]`);
    this.apiKey = `key-of-${name}`;
  }

  static async make(name: string, { tls = false } = {}): Promise<SyncthingDevice> {
    const home = await mkdtemp(join(tmpdir(), "safehouse-syncthing-"));
    await run("syncthing", ["generate", `--home=${home}`, "--no-default-folder"]);
    const { stdout } = await run("syncthing", ["--device-id", `--home=${home}`]);
    const ports = { gui: await freePort(), listen: await freePort() };
    const device = new SyncthingDevice({ name, home, ports, tls, id: stdout.trim() });
    await mkdir(join(device.folder, ".stfolder"), { recursive: true });
    return device;
  }

  get apiUrl(): string {
    return `${this.#tls ? "https" : "http"}://127.0.0.1:${this.#ports.gui}`;
  }

  /** The certificate of its interface. */
  certificate(): Promise<string> {
    return readFile(join(this.#home, "https-cert.pem"), "utf8");
  }

  /** Path of a file that has its API key. */
  async keyFile(): Promise<string> {
    const path = join(this.#home, "api-key");
    await writeFile(path, this.apiKey);
    return path;
  }

  /** Starts it; it shares its folder with the others. Resolves when it answers. */
  async start(others: readonly SyncthingDevice[]): Promise<void> {
    this.#others = others;
    await writeFile(join(this.#home, "config.xml"), this.#config());
    await this.startAgain();
  }

  /** Starts it as it was when it was ended. */
  async startAgain(): Promise<void> {
    // Else it begins as a watcher with a child in another process group, which would outlive it.
    const program = ["env", "STMONITORED=yes", "syncthing", "serve", `--home=${this.#home}`];
    const command = [...program, "--no-browser", "--no-restart", "--no-upgrade"];
    this.#server = await ServerProgram.start(command, this.#ports.gui);
    await this.until("it answers", async () => {
      await this.ask("GET", "system/ping");
      return true;
    });
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    await this.#server?.kill();
    this.#server = undefined;
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.#home, { recursive: true, force: true });
  }

  /** Asks its interface; the answer as JSON. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const headers = { "x-api-key": this.apiKey };
    const request = this.#tls ? requestHttps : requestHttp;
    const options = { method, headers, rejectUnauthorized: false };
    request(`${this.apiUrl}/rest/${path}`, options, (answer) => {
      text(answer).then((said) => {
        if (answer.statusCode === 200) resolve(said.startsWith("{") ? JSON.parse(said) : said);
        else reject(new Error(`${path}: ${answer.statusCode} ${said}`));
      }, reject);
    })
      .once("error", reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  }

  /** Changes how it has the folder, while it runs. */
  async change(folder: Readonly<Record<string, unknown>>): Promise<void> {
    await this.ask("PATCH", "config/folders/backups", folder);
  }

  /** Looks at all of its folder. */
  async scan(): Promise<void> {
    await this.ask("POST", "db/scan?folder=backups");
  }

  /** Resolves when it is connected with another one. */
  async meets(other: SyncthingDevice): Promise<void> {
    await this.until(`it meets ${other.name}`, async () => {
      const { connections } = (await this.ask("GET", "system/connections")) as {
        connections: Record<string, { connected: boolean }>;
      };
      return connections[other.id]?.connected === true;
    });
  }

  /** Resolves when the file has come here whole; its content. */
  async received(file: string): Promise<string> {
    let content = "";
    await this.until(`${file} comes`, async () => {
      content = await readFile(join(this.folder, file), "utf8");
      return true;
    });
    return content;
  }

  /** @param isSo a rejection counts as no */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let look = 0; look < 600; look += 1) {
      if (await isSo().catch(() => false)) return;
      await pause(50);
    }
    throw new Error(`${this.name} waits in vain until ${what}`);
  }

  #config(): string {
    const { gui, listen } = this.#ports;
    const device = (other: SyncthingDevice): string =>
      `<device id="${other.id}" name="${other.name}"><address>tcp://127.0.0.1:${other.#ports.listen}</address></device>`;
    const path = this.folder.replaceAll("'", "&apos;");
    const all = [this, ...this.#others];
    return `<configuration version="36">
      <folder id="backups" label="My backups" path="${path}" type="sendreceive" rescanIntervalS="3600"
          fsWatcherEnabled="false" autoNormalize="true">
        ${all.map(({ id }) => `<device id="${id}"></device>`).join("")}
        <minDiskFree unit="%">0</minDiskFree>
      </folder>
      ${all.map(device).join("\n")}
      <gui enabled="true" tls="${this.#tls}"><address>127.0.0.1:${gui}</address><apikey>${this.apiKey}</apikey></gui>
      <options>
        <listenAddress>tcp://127.0.0.1:${listen}</listenAddress>
        <globalAnnounceEnabled>false</globalAnnounceEnabled>
        <localAnnounceEnabled>false</localAnnounceEnabled>
        <relaysEnabled>false</relaysEnabled>
        <natEnabled>false</natEnabled>
        <reconnectionIntervalS>1</reconnectionIntervalS>
        <startBrowser>false</startBrowser>
        <urAccepted>-1</urAccepted>
        <crashReportingEnabled>false</crashReportingEnabled>
        <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
        <progressUpdateIntervalS>1</progressUpdateIntervalS>
        <stunKeepaliveStartS>0</stunKeepaliveStartS>
      </options>
    </configuration>`;
  }
}

interface Made {
  readonly name: string;
  readonly id: string;
  readonly home: string;
  readonly ports: { readonly gui: number; readonly listen: number };
  readonly tls: boolean;
}
