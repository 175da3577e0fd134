import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import type { DiagnosisStep } from "./diagnosis.ts";
import { settledOrAborted } from "./interruptible.ts";

const answerInMs = 10_000;

export interface HostAddress {
  readonly host: string;
  readonly port: number;
  /** What listens there, for people: "an SSH server". */
  readonly server: string;
}

/**
 * Looks whether the name of a host leads to an address and something answers at the port: the steps `name` and `port`.
 * Ends behind the first that fails.
 */
export async function* reachHost(
  address: HostAddress,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const name = await lookUp(address.host, signal);
  yield name;
  if (name.ok) yield await knock(address, signal);
}

async function lookUp(host: string, signal: AbortSignal): Promise<DiagnosisStep> {
  try {
    const { address } = await settledOrAborted(lookup(host), signal);
    return { subject: "name", ok: true, message: `${host} is ${address}` };
  } catch (error) {
    signal.throwIfAborted();
    return {
      subject: "name",
      ok: false,
      message: `No address is known for ${host} (${codeOf(error)})`,
      advice: "Check how the name is written, or use the address in numbers",
    };
  }
}

function knock({ host, port, server }: HostAddress, signal: AbortSignal): Promise<DiagnosisStep> {
  const { promise, resolve, reject } = Promise.withResolvers<DiagnosisStep>();
  const socket = connect({ host, port, signal, timeout: answerInMs });
  const fails = (why: string, advice: string): void =>
    resolve({ subject: "port", ok: false, message: `${host} port ${port}: ${why}`, advice });
  socket.once("connect", () =>
    resolve({ subject: "port", ok: true, message: `Something answers at port ${port}` }),
  );
  socket.once("timeout", () =>
    fails("no answer", "Check that the machine is on, and that no firewall is between"),
  );
  socket.once("error", (error) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const code = codeOf(error);
    if (code === "ECONNREFUSED")
      return fails("refused", `Check the port, and that ${server} runs there`);
    fails(code, "Check that the machine is on and in the network");
  });
  return promise.finally(() => socket.destroy());
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
