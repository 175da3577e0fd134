import type { Scope } from "./scope.ts";

/** Who makes a request, as far as it was proven. */
export type Identity = Nobody | SignedIn | SettingUp | TokenBearer | IngressUser;

export interface Nobody {
  readonly kind: "nobody";
  /** True if a token or a session was shown, and it is not, or no longer, good. */
  readonly refused: boolean;
}

/** A person who gave the password. */
export interface SignedIn {
  readonly kind: "session";
  /** Id of the session. */
  readonly id: string;
}

/** A person who came by the set-up link, while there is no password yet. */
export interface SettingUp {
  readonly kind: "set-up";
  /** Id of the session. */
  readonly id: string;
}

/** A program with an API token. */
export interface TokenBearer {
  readonly kind: "token";
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
}

/** A user of Home Assistant, as its ingress says. */
export interface IngressUser {
  readonly kind: "ingress";
  /** Home Assistant's id of the user; undefined if it does not tell. */
  readonly userId: string | undefined;
  readonly name: string | undefined;
  /** Path under which the browser sees us, without `/` at the end. */
  readonly basePath: string;
}
