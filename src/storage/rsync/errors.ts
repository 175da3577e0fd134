import { StorageError, type StorageProblem } from "../errors.ts";
import type { ProgramEnd } from "../start-program.ts";

export interface Failure extends ProgramEnd {
  /** The key, or a name for the place as a whole. */
  readonly subject: string;
  /** Where it was: the host, and the folder or module. */
  readonly host: string;
  readonly folder: string;
}

/**
 * Why rsync has failed. Its exit codes tell little, so what it and `ssh` say is looked through; both speak English, because
 * they were told to.
 */
export function asStorageError({ code, errors, subject, host, folder }: Failure): StorageError {
  for (const [pattern, problem, text] of meanings) {
    if (!pattern.test(errors)) continue;
    const what = aboutPlace.has(problem) ? `${host}, ${folder}` : subject;
    return new StorageError(problem, `${what}: ${text}`, about(problem, subject, errors));
  }
  const problem = exitProblems.get(code ?? -1) ?? "unreachable";
  const message = `${host}: ${lastWords(errors) ?? `rsync has ended with ${code ?? "a signal"}`}`;
  return new StorageError(problem, message, about(problem, subject, errors));
}

function about(problem: StorageProblem, key: string, errors: string) {
  return { ...(aboutPlace.has(problem) ? {} : { key }), cause: new Error(errors) };
}

const aboutPlace: ReadonlySet<StorageProblem> = new Set<StorageProblem>([
  "sign-in",
  "unreachable",
  "busy",
  "read-only",
]);

/** What `ssh` says when the host has not the key that was pinned. */
export const strangeHost = /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i;

type Meaning = readonly [pattern: RegExp, problem: StorageProblem, text: string];

const meanings: readonly Meaning[] = [
  [/@ERROR: auth failed|@ERROR: Unauthorized/i, "sign-in", "the user or the password is wrong"],
  [
    /Permission denied \((publickey|password|keyboard|gssapi)|Too many authentication failures/i,
    "sign-in",
    "the user, the password or the key is wrong",
  ],
  [
    /incorrect passphrase|bad passphrase|Load key .*(invalid format|libcrypto)/i,
    "sign-in",
    "the private key cannot be used: its passphrase or its format is wrong",
  ],
  [strangeHost, "denied", "the host has another key than the pinned one, so nothing was sent"],
  [/@ERROR: Unknown module/i, "unreachable", "there is no such module"],
  [/@ERROR: max connections/i, "busy", "too many are connected already"],
  [/@ERROR: access denied/i, "denied", "the daemon does not let this machine in"],
  [/@ERROR: (chdir|chroot|invalid (uid|gid))/i, "unreachable", "the module's folder is not there"],
  [/module is read only/i, "read-only", "the module is read-only"],
  [/module is write only/i, "denied", "the module cannot be read"],
  [/configured to refuse/i, "unsupported", "the daemon refuses an option that is needed"],
  [
    /Could not resolve hostname|getaddrinfo|Name or service not known/i,
    "unreachable",
    "no address is known for this name",
  ],
  [/Connection refused/i, "unreachable", "refused, nothing listens there"],
  [
    /Connection timed out|Operation timed out|No route to host|Network is unreachable|Connection closed by|Connection reset by.*port/i,
    "unreachable",
    "no answer",
  ],
  [
    /rsync: (command )?not found|rsync: No such file|: rsync: not found/i,
    "unsupported",
    "the program rsync is not installed there",
  ],
  [
    /No space left on device|\(28\)$|Disk quota exceeded|\(122\)$/m,
    "full",
    "no space left there, or the quota is used up",
  ],
  [
    /rrsync error: receiver option path does not exist/i,
    "unsupported",
    "rrsync has to restrict the key to this very folder, and path has to be / then",
  ],
  [/File too large/i, "too-large", "too large for the file system there"],
  [/Read-only file system/i, "read-only", "the file system there is read-only"],
  [
    /change_dir.*No such file|change_dir.*Not a directory/i,
    "unreachable",
    "there is no such folder",
  ],
  [/Permission denied \(13\)|Operation not permitted \(1\)/i, "denied", "no permission"],
  [/File name too long/i, "unsupported", "the name is too long there"],
  [/Invalid argument \(22\)/i, "unsupported", "the name is not possible there"],
  [/link_stat.*No such file|vanished/i, "not-found", "no such object"],
];

/** Of rsync(1), "Exit values". */
const exitProblems: ReadonlyMap<number, StorageProblem> = new Map<number, StorageProblem>([
  [1, "unsupported"],
  [2, "unsupported"],
  [4, "unsupported"],
  [127, "unsupported"],
]);

function lastWords(errors: string): string | undefined {
  const lines = errors.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.find((line) => !/^rsync (error|warning):/.test(line)) ?? lines[0];
  return telling?.slice(0, 300);
}
