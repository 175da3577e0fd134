import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort, programPath, ServerProgram } from "./server-program.ts";

export interface DavServerOptions {
  /** Puts what is served on a disk of so many megabytes, which only the server sees. Needs `unshare`. */
  readonly diskMegabytes?: number;
}

/** A WebDAV server of others, over a folder of this machine. */
export interface DavServer extends AsyncDisposable {
  /** Ends with `/`. */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** What it serves. */
  readonly root: string;
  /** Kills it. */
  stop(): Promise<void>;
  /** Starts it again at the same port. */
  start(): Promise<void>;
}

/** Programs that serve WebDAV, by the names of their packages. */
export const davServers = {
  lighttpd: startLighttpd,
  apache2: startApache,
  rclone: startRclone,
} as const;

export type DavServerName = keyof typeof davServers;

/** For tests that need it: whether to skip them. */
export function davServerIsAbsent(name: DavServerName): false | string {
  const isThere = programPath(name) !== undefined && hasModule(name);
  return isThere ? false : `absent: ${name}`;
}

const user = "anna müller";
const password = `p a%ss"w'örd$#\\1`;

async function startLighttpd(options: DavServerOptions = {}): Promise<DavServer> {
  return serve("lighttpd", options, async ({ folder, root, port }) => {
    await writeFile(join(folder, "users"), `${user}:${password}\n`);
    await writeFile(
      join(folder, "lighttpd.conf"),
      `server.document-root = "${root}"
server.bind = "127.0.0.1"
server.port = ${port}
server.upload-dirs = ( "${folder}" )
server.modules = ( "mod_auth", "mod_authn_file", "mod_webdav" )
auth.backend = "plain"
auth.backend.plain.userfile = "${folder}/users"
auth.require = ( "/" => ( "method" => "basic", "realm" => "place", "require" => "valid-user" ) )
webdav.activate = "enable"
`,
    );
    return [programPath("lighttpd") ?? "lighttpd", "-D", "-f", join(folder, "lighttpd.conf")];
  });
}

async function startApache(options: DavServerOptions = {}): Promise<DavServer> {
  return serve("apache2", options, async ({ folder, root, port }) => {
    const file = join(folder, "users");
    const hash = createHash("sha1").update(password).digest("base64");
    await writeFile(file, `${user}:{SHA}${hash}\n`);
    await chmod(file, 0o644);
    const isRoot = userInfo().uid === 0;
    const modules = [
      "mpm_event",
      "authn_core",
      "authz_core",
      "authn_file",
      "authz_user",
      "auth_basic",
    ];
    const lines = [
      ...[...modules, "dav", "dav_fs"].map(
        (name) => `LoadModule ${name}_module ${modulesFolder}/mod_${name}.so`,
      ),
      ...(isRoot ? ["User www-data", "Group www-data"] : []),
      `ServerName localhost`,
      `Listen 127.0.0.1:${port}`,
      `DocumentRoot "${root}"`,
      `ErrorLog "${folder}/error.log"`,
      `PidFile "${folder}/pid"`,
      `DefaultRuntimeDir "${folder}"`,
      `DavLockDB "${folder}/locks/db"`,
      `ServerLimit 2`,
      `ThreadsPerChild 32`,
      `MaxRequestWorkers 64`,
      `<Directory "${root}">`,
      `  Dav On`,
      `  AuthType Basic`,
      `  AuthName place`,
      `  AuthUserFile "${file}"`,
      `  Require valid-user`,
      `</Directory>`,
    ];
    await mkdir(join(folder, "locks"));
    await chmod(join(folder, "locks"), 0o777);
    await writeFile(join(folder, "apache.conf"), `${lines.join("\n")}\n`);
    const program = programPath("apache2") ?? "apache2";
    return [program, "-d", folder, "-f", join(folder, "apache.conf"), "-D", "FOREGROUND"];
  });
}

async function startRclone(options: DavServerOptions = {}): Promise<DavServer> {
  return serve("rclone", options, async ({ root, port, folder }) => {
    const address = ["--addr", `127.0.0.1:${port}`, "--config", join(folder, "none.conf")];
    const account = ["--user", user, "--pass", password];
    const cache = ["--cache-dir", folder, "--dir-cache-time", "0s"];
    return ["rclone", "serve", "webdav", root, ...address, ...account, ...cache];
  });
}

interface Preparation {
  /** For whatever the server needs. */
  readonly folder: string;
  readonly root: string;
  readonly port: number;
}

async function serve(
  name: string,
  { diskMegabytes }: DavServerOptions,
  prepare: (preparation: Preparation) => Promise<readonly string[]>,
): Promise<DavServer> {
  const folder = await mkdtemp(join(tmpdir(), `safehouse-${name}-`));
  const root = join(folder, "root");
  await mkdir(root);
  // Apache gives up being root, and has to reach it all the same.
  await chmod(folder, 0o755);
  await chmod(root, 0o777);
  const port = await freePort();
  const program = await prepare({ folder, root, port });
  const command = diskMegabytes === undefined ? program : onSmallDisk(program, root, diskMegabytes);
  let running: ServerProgram | undefined = await ServerProgram.start(command, port);
  const stop = async (): Promise<void> => {
    await running?.kill();
    running = undefined;
  };
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    user,
    password,
    root,
    async start() {
      running ??= await ServerProgram.start(command, port);
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function onSmallDisk(
  program: readonly string[],
  root: string,
  megabytes: number,
): readonly string[] {
  const script = 'mount -t tmpfs -o "size=$1m,mode=777" none "$2" && shift 2 && exec "$@"';
  return ["unshare", "--mount", "sh", "-c", script, "sh", String(megabytes), root, ...program];
}

const modulesFolder = "/usr/lib/apache2/modules";

function hasModule(name: DavServerName): boolean {
  if (name === "lighttpd") return programPath("../lib/lighttpd/mod_webdav.so") !== undefined;
  return name !== "apache2" || existsSync(join(modulesFolder, "mod_dav_fs.so"));
}
