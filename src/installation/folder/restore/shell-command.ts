import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { SafehouseError } from "#core/model/problem.ts";
import { hasCode } from "./disk-path.ts";

/** Containers that do not end on request are killed by their engine long before this. */
const limitInMs = 15 * 60 * 1000;
const tailLength = 2000;

/**
 * Runs a command of the user's in the system's shell. Rejects with `command-failed` and the end of its
 * output if it exits with anything but 0 or takes longer than 15 minutes.
 */
export async function runShellCommand(command: string, purpose: string): Promise<void> {
  const { code, tail, late } = await runToEnd(command);
  if (code === 0 && !late) return;
  const how = late ? "took longer than 15 minutes" : `ended with ${code ?? "a signal"}`;
  const said = tail.trim();
  throw new SafehouseError(
    "command-failed",
    `The command to ${purpose} ${how}${said === "" ? "" : `: ${said}`}`,
    {
      subject: command,
      facts: { exitCode: code, output: said },
    },
  );
}

interface Ending {
  readonly code: number | null;
  readonly tail: string;
  readonly late: boolean;
}

function runToEnd(command: string): Promise<Ending> {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that a shell that hangs can be ended with its children.
    const child = spawn("/bin/sh", ["-c", command], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let tail = "";
    let late = false;
    const keep = (text: Buffer): void => {
      tail = (tail + text.toString("utf8")).slice(-tailLength);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, limitInMs);
    child.once("error", reject);
    // `exit`, not `close`: a service that the command left in the background may keep the output open.
    child.once("exit", (code) => {
      clearTimeout(limit);
      setImmediate(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, tail, late });
      });
    });
  });
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (!hasCode(error, "ESRCH")) throw error;
  }
}
