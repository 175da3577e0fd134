import type { AnyAuthMethod, AuthenticationType, ConnectConfig, Prompt } from "ssh2";
import { StorageError } from "../errors.ts";
import { privateKeyOf } from "./private-key.ts";
import type { SftpSettings } from "./settings.ts";

/** How we sign in, and how it is told that we may not. */
export interface SignIn {
  readonly authHandler: NonNullable<ConnectConfig["authHandler"]>;
  /** True for a failure of one way, after which the library tries the next by itself. */
  readonly goesOn: (error: unknown) => boolean;
  readonly refusal: (cause: unknown) => StorageError;
  /** The server wants a new password first, which a program cannot choose. */
  readonly expired: () => StorageError;
}

/**
 * Ways to sign in with what the settings have. The server is asked first which of them it takes, because some
 * lock out whoever tries in vain too often. Throws `sign-in` if the private key cannot be used.
 */
export function signInWays(settings: SftpSettings): SignIn {
  const { host, user } = settings;
  const ways = waysOf(settings);
  const left = [...ways];
  let taken: readonly AuthenticationType[] | undefined;
  let agentSays = "";
  return {
    goesOn(error) {
      const level = error instanceof Error && "level" in error ? error.level : undefined;
      if (level === "agent") agentSays = `; the agent: ${(error as Error).message}`;
      return level === "agent";
    },
    authHandler(offered: readonly AuthenticationType[] | null, _partial, next) {
      // Null at first, whatever the types say: nothing was asked yet.
      if (offered === null) return next("none");
      taken = offered;
      for (let way = left.shift(); way !== undefined; way = left.shift()) {
        if (offered.includes(way.offeredAs)) return next(way.method);
      }
      next(false as never);
    },
    refusal(cause) {
      const tried = new Set(ways.map(({ name }) => name));
      const accepts = taken === undefined ? "" : `; it takes ${taken.join(", ")}`;
      const message = `${host} does not let ${user} in with ${[...tried].join(" or ")}${accepts}${agentSays}`;
      return new StorageError("sign-in", message, { cause });
    },
    expired: () =>
      new StorageError("sign-in", `${host} wants ${user} to choose a new password first`),
  };
}

interface Way {
  /** For people. */
  readonly name: string;
  readonly offeredAs: AuthenticationType;
  readonly method: AnyAuthMethod;
}

function waysOf(settings: SftpSettings): readonly Way[] {
  const { user: username, password, agentSocket: agent } = settings;
  const key = privateKeyOf(settings);
  const ways: Way[] = [];
  if (key !== undefined) {
    const method = { type: "publickey", username, key } as const;
    ways.push({ name: "the private key", offeredAs: "publickey", method });
  }
  if (agent !== undefined) {
    const method = { type: "agent", username, agent } as const;
    ways.push({ name: "a key of the agent", offeredAs: "publickey", method });
  }
  if (password !== undefined) {
    const name = "the password";
    ways.push(
      { name, offeredAs: "password", method: { type: "password", username, password } },
      { name, offeredAs: "keyboard-interactive", method: asked(username, password) },
    );
  }
  return ways;
}

/** For servers that ask in words, which is how PAM comes through: what is asked for unseen is the password. */
function asked(username: string, password: string): AnyAuthMethod {
  return {
    type: "keyboard-interactive",
    username,
    prompt(_name, _instructions, ...[, prompts, finish]: Question) {
      finish(prompts.map(({ echo }) => (echo === true ? "" : password)));
    },
  };
}

type Question = [language: string, prompts: Prompt[], finish: (answers: string[]) => void];
