import { fileURLToPath } from "node:url";
import type { Command } from "./measure.ts";

export const operations = {
  "create-plain": "Create, unencrypted",
  "create-v3": "Create, encrypted (v3)",
  "verify-plain": "Read back what was created, unencrypted",
  "verify-v3": "Read back what was created, encrypted (v3)",
  "restore-v3": "Restore, encrypted (v3)",
  "list-plain": "List every file, unencrypted",
  "list-v3": "List every file, encrypted (v3)",
  "take-plain": "Take out one file, unencrypted",
  "take-v3": "Take out one file, encrypted (v3)",
} as const;

export type Operation = keyof typeof operations;

/** What a command works on. All paths are absolute; the folders exist and are the contender's own. */
export interface Scene {
  readonly home: string;
  /** Where to create: an empty folder. */
  readonly output: string;
  /** For all but create: what create left in `output`. */
  readonly archive: string;
  /** Slug of that archive, where it has one. */
  readonly slug: string;
  /** Where to restore: a home with empty folders. */
  readonly target: string;
  readonly password: string;
  readonly passwordFile: string;
}

export interface Contender {
  readonly name: string;
  /** The contender whose archives it works on, if it creates none of its own. */
  readonly worksOn?: string;
  readonly commands: Partial<Readonly<Record<Operation, (scene: Scene) => Command>>>;
}

const launcher = fileURLToPath(new URL("../bin/safehouse.js", import.meta.url));
const official = fileURLToPath(new URL("peers/official.py", import.meta.url));
const parts = ["config", "share", "ssl", "media", "addons", "data"];

/** The command line as users have it, with either engine. */
export function safehouse(name: string, env: Readonly<Record<string, string>>): Contender {
  const cli = (...args: string[]): Command => ({ run: [process.execPath, launcher, ...args], env });
  const create = ({ home, output }: Scene, ...more: string[]): Command =>
    cli(
      "backups",
      "new",
      "--home",
      home,
      "--data-dir",
      output,
      "--name",
      "bench",
      "--no-verify",
      ...more,
    );
  const key = ({ passwordFile }: Scene): string[] => ["--password-file", passwordFile];
  const wanted = ["homeassistant", "data/automations.yaml"];
  return {
    name,
    commands: {
      "create-plain": (scene) => create(scene),
      "create-v3": (scene) => create(scene, ...key(scene)),
      "verify-plain": ({ archive }) => cli("archive", "verify", archive, "--level", "content"),
      "verify-v3": (scene) =>
        cli("archive", "verify", scene.archive, "--level", "content", ...key(scene)),
      "restore-v3": (scene) =>
        cli(
          "backups",
          "restore",
          scene.slug,
          "--home",
          scene.target,
          "--data-dir",
          scene.output,
          "--stopped",
          ...key(scene),
        ),
      "list-plain": ({ archive }) => cli("archive", "list", archive, "--files"),
      "list-v3": (scene) => cli("archive", "list", scene.archive, "--files", ...key(scene)),
      "take-plain": ({ archive }) => cli("archive", "cat", archive, ...wanted),
      "take-v3": (scene) => cli("archive", "cat", scene.archive, ...wanted, ...key(scene)),
    },
  };
}

/** securetar in one process and one thread, as the Supervisor runs it. */
export function supervisor(python: string): Contender {
  const peer = (...args: string[]): Command => ({ run: [python, official, ...args] });
  const file = ({ output }: Scene): string => `${output}/official.tar`;
  const key = ({ password }: Scene): string[] => ["--password", password];
  const wanted = ["homeassistant", "data/automations.yaml"];
  return {
    name: "Supervisor's stack",
    commands: {
      "create-plain": (scene) => peer("create", scene.home, file(scene)),
      "create-v3": (scene) => peer("create", scene.home, file(scene), ...key(scene)),
      // Outer archive to a temporary folder, inner archives to another, then copied into place.
      "restore-v3": (scene) => peer("restore", scene.archive, scene.target, ...key(scene)),
      "list-plain": ({ archive }) => peer("list", archive),
      "list-v3": (scene) => peer("list", scene.archive, ...key(scene)),
      "take-plain": ({ archive }) => peer("cat", archive, ...wanted),
      "take-v3": (scene) => peer("cat", scene.archive, ...wanted, ...key(scene)),
    },
  };
}

/** The same libraries without the copies that the Supervisor makes on its way. */
export function securetarAlone(python: string): Contender {
  return {
    name: "securetar alone, straight into place",
    worksOn: supervisor(python).name,
    commands: {
      "restore-v3": ({ archive, target, password }) => ({
        run: [python, official, "restore", archive, target, "--password", password, "--straight"],
      }),
    },
  };
}

/** One compressed tar of everything: no parts, no index, no encryption. */
export function tarWith(name: string, compressor: string): Contender {
  const shell = (script: string): Command => ({ run: ["sh", "-c", script] });
  const archived = "config/automations.yaml";
  return {
    name,
    commands: {
      "create-plain": ({ home, output }) =>
        shell(`tar -C '${home}' -cf - ${parts.join(" ")} | ${compressor} > '${output}/all.tar.gz'`),
      "list-plain": ({ archive }) => ({ run: ["tar", "-tvzf", archive] }),
      "take-plain": ({ archive }) => ({ run: ["tar", "-xzOf", archive, archived] }),
    },
  };
}
