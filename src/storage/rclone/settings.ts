import { isAbsolute } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";

export interface RcloneSettings {
  /** What rclone calls a remote: `name:path`, or a connection string such as `:local:/srv/backups`. */
  readonly remote: string;
  /** Absolute path of rclone's configuration; undefined for the one that rclone takes by itself. */
  readonly config: string | undefined;
  /** Password of an encrypted configuration. */
  readonly configPassword: string | undefined;
}

/** Checks settings as they were stored. Only `remote` is needed. Throws `usage`. */
export function parseRcloneSettings(stored: unknown): RcloneSettings {
  const given = typeof stored === "object" && stored !== null ? stored : {};
  const remote = textOf("remote", "remote" in given ? given.remote : undefined);
  const config = textOf("config", "config" in given ? given.config : undefined);
  const configPassword = textOf(
    "configPassword",
    "configPassword" in given ? given.configPassword : undefined,
  );
  if (remote === undefined || !remote.slice(1).includes(":")) {
    throw usage("A remote of rclone is written name:path, such as nextcloud:Backups", "remote");
  }
  if (secretInConnectionString.test(remote)) {
    const message = "A password does not belong into the name of a remote: put it into rclone's";
    throw usage(`${message} configuration, with "rclone config"`, "remote");
  }
  if (config !== undefined && !isAbsolute(config)) {
    throw usage("The path of rclone's configuration has to be absolute", "config");
  }
  return { remote, config, configPassword };
}

/** Options of rclone's back-ends that hold what nobody else may see; the remote is shown to people. */
const secretInConnectionString =
  /[,:][a-z0-9_]*(pass|password2?|secret|secret_access_key|token|client_secret|api_key|apikey|key|key_pem|sas_url|bearer_token)=/i;

/** A text, undefined for none. Texts that a child could not be given are refused. */
function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" && !/[\0\r\n]/.test(value)) return value;
  throw usage(`${name} has to be one line of text`, name);
}

function usage(message: string, subject: string): SafehouseError {
  return new SafehouseError("usage", message, { subject });
}
