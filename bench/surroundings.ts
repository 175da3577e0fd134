import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";

const tmpfsMagic = 0x01021994;

/** What the figures depend on, as Markdown lines. */
export function surroundings(folder: string, python: string): string[] {
  const official = output(python, ["-m", "pip", "freeze"]).match(
    /^(securetar|zlib-fast|isal)==.*/gm,
  );
  const place = statfsSync(folder).type === tmpfsMagic ? "a RAM disk" : "a disk";
  return [
    `- ${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; archives and homes on ${place}`,
    `- Linux ${release()}, ${debian()}; Node ${process.versions.node}; ${firstLine(python, "--version")}`,
    `- ${official?.join(", ")}; ${firstLine("tar", "--version")}, ${firstLine("gzip", "--version")}, ${firstLine("pigz", "--version")}`,
    `- Safehouse at ${output("git", ["describe", "--always", "--dirty"]).trim()}, ${new Date().toISOString().slice(0, 10)}`,
  ];
}

function debian(): string {
  return (
    /PRETTY_NAME="(.*)"/.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown system"
  );
}

function firstLine(program: string, argument: string): string {
  const { stdout, error } = spawnSync(program, [argument], { encoding: "utf8" });
  return error === undefined ? (stdout.split("\n")[0] ?? "") : `no ${program}`;
}

function output(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}
