import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../safehouse.ts";
import { startMoto } from "./s3-server.ts";
import { noSshd, startSshd } from "./sshd.ts";
import { davServerIsAbsent, davServers } from "./webdav.ts";

/** A place of a test that both Safehouse and an agent of Home Assistant can use. */
export interface AgentPlace {
  /** Name of Home Assistant's integration. */
  readonly agent: string;
  /** What Home Assistant is told of the place. */
  readonly entry: Readonly<Record<string, string | number | null>>;
  /** What Safehouse is told. */
  readonly kind: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** @param ended ends its server */
type StartPlace = (bench: Bench, ended: AsyncDisposableStack) => Promise<AgentPlace>;

/** Places by the agent that reaches them; `skip` where their server is not there. */
export async function agentPlaces(): Promise<
  readonly { readonly agent: string; readonly skip: false | string; readonly start: StartPlace }[]
> {
  return [
    { agent: "webdav", skip: davServerIsAbsent("lighttpd"), start: startDavPlace },
    { agent: "sftp_storage", skip: noSshd, start: startSftpPlace },
    { agent: "aws_s3", skip: await noMoto(), start: startS3Place },
  ];
}

/** Adds a place as a location of a bench, as a person would. */
export async function addPlace(bench: Bench, id: string, place: AgentPlace): Promise<void> {
  const { kind, settings, secrets } = place;
  const folder = mkdtempSync(join(bench.folder, "secrets-"));
  const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const files = Object.entries(secrets).flatMap(([name, value]) => {
    const file = join(folder, name);
    writeFileSync(file, value);
    return ["--from-file", `${name}=${file}`];
  });
  await bench.json("locations", "add", id, "--kind", kind, ...set, ...files);
}

async function startDavPlace(_: Bench, ended: AsyncDisposableStack): Promise<AgentPlace> {
  const server = await davServers.lighttpd();
  ended.use(server);
  const { url, user, password } = server;
  return {
    agent: "webdav",
    entry: { url, username: user, password, backup_path: "/Küche/Home Assistant" },
    kind: "webdav",
    settings: { url: new URL("Küche/Home Assistant", url).href, user },
    secrets: { password },
  };
}

async function startSftpPlace(bench: Bench, ended: AsyncDisposableStack): Promise<AgentPlace> {
  const server = await startSshd();
  ended.use(server);
  const { port, user, privateKey, hostKeys, folder } = server;
  const key = join(mkdtempSync(join(bench.folder, "key-")), "id");
  writeFileSync(key, privateKey);
  chmodSync(key, 0o600);
  const path = `${folder}/Home Assistant`;
  return {
    agent: "sftp_storage",
    entry: {
      host: "127.0.0.1",
      port,
      username: user,
      password: null,
      private_key_file: key,
      backup_location: path,
    },
    kind: "sftp",
    settings: { host: "127.0.0.1", port, user, path, hostKey: hostKeys.ed25519 },
    secrets: { privateKey },
  };
}

async function noMoto(): Promise<false | string> {
  const { server, absent } = await startMoto();
  await server?.end();
  return absent;
}

async function startS3Place(_: Bench, ended: AsyncDisposableStack): Promise<AgentPlace> {
  const { server } = await startMoto();
  if (server === undefined) throw new Error("There is no moto");
  ended.defer(() => server.end());
  const { bucket, endpoint } = await server.makeBucket();
  const [accessKeyId, secretAccessKey] = ["AKIATEST", "secret/+="];
  const prefix = "home/assistant";
  return {
    agent: "aws_s3",
    entry: {
      bucket,
      prefix,
      endpoint_url: endpoint,
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
    },
    kind: "s3",
    settings: { bucket, prefix, endpoint, accessKeyId },
    secrets: { secretAccessKey },
  };
}
