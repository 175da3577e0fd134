import { StorageError } from "../errors.ts";
import type { SftpSettings } from "./settings.ts";
import type { SignIn } from "./sign-in.ts";

/** Why there is no connection: what the library says of it, in our words. */
export function connectError(error: unknown, settings: SftpSettings, signIn: SignIn): unknown {
  if (!(error instanceof Error) || error instanceof StorageError) return error;
  const level = "level" in error ? error.level : undefined;
  // Some servers cut the line after too many tries instead of refusing the last.
  if (level === "client-authentication" || /too many authentication/i.test(error.message)) {
    return signIn.refusal(error);
  }
  const place = `${settings.host} port ${settings.port}`;
  const fails = (problem: "unsupported" | "unreachable", why: string): StorageError =>
    new StorageError(problem, `${place}${why}`, { cause: error });
  if (level === "handshake" && /no matching/i.test(error.message)) {
    const advice = "If it is an old device in a network that you trust, set oldAlgorithms";
    return fails(
      "unsupported",
      ` has no algorithm in common with us (${error.message}). ${advice}`,
    );
  }
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string") return fails("unreachable", `: ${words[code] ?? code}`);
  if (level === "client-timeout") return fails("unreachable", ": no answer");
  return fails("unreachable", ` does not talk SSH as we do: ${error.message}`);
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused, nothing listens there",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "the machine cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ENOTFOUND: "no address is known for this name",
  EAI_AGAIN: "names cannot be looked up at the moment",
};
