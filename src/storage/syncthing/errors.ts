import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";

/** How a call of Syncthing's interface failed. */
export interface ApiFailure {
  /** Address of the interface, without secrets. */
  readonly address: string;
  /** Undefined if there was no answer. */
  readonly status?: number | undefined;
  /** The body of the answer. */
  readonly said?: string;
  readonly cause?: unknown;
}

/** A failed call as a `StorageError`. */
export function syncthingError({ address, status, said = "", cause }: ApiFailure): StorageError {
  const fail = (problem: StorageProblem, message: string): StorageError =>
    new StorageError(problem, message, cause === undefined ? {} : { cause });
  if (status === undefined) return withoutAnswer(address, cause, fail);
  // A wrong key is told as a missing token against forged requests.
  if (status === 401 || status === 403) {
    return fail("sign-in", `Syncthing at ${address} does not accept the API key`);
  }
  if (status >= 300 && status < 400) {
    const message = `${address} only answers over TLS: write its address with https`;
    return fail("unsupported", message);
  }
  const line = said.replaceAll(/\s+/g, " ").trim().slice(0, 200);
  return fail("unreachable", `Syncthing at ${address} answers ${status}: ${line}`);
}

function withoutAnswer(
  address: string,
  cause: unknown,
  fail: (problem: StorageProblem, message: string) => StorageError,
): StorageError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    const message = `The certificate of ${address} is not the one that is trusted (${code})`;
    return fail("denied", message);
  }
  if (/^(EPROTO|ERR_SSL)|^HPE_/.test(code)) {
    return fail("unsupported", `What answers at ${address} is no Syncthing (${code})`);
  }
  const why = code === "ECONNREFUSED" ? "nothing answers there" : code || "the connection broke";
  return fail("unreachable", `Syncthing at ${address} does not run or cannot be reached: ${why}`);
}
