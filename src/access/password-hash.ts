import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { SafehouseError } from "#core/model/problem.ts";

const derive = promisify(argon2);

/** What one try costs. */
export interface PasswordCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's choice for Argon2id with little memory: a tenth of a second, and 19 MiB of our 250. */
export const presentCost: PasswordCost = { memory: 19_456, passes: 2, parallelism: 1 };

/**
 * Argon2id of a password with a new salt, in the notation of the PHC: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
 */
export async function hashPassword(password: string, cost = presentCost): Promise<string> {
  const salt = randomBytes(16);
  const hash = await hashWith(password, { ...cost, salt, length: 32 });
  const { memory, passes, parallelism } = cost;
  const costs = `m=${memory},t=${passes},p=${parallelism}`;
  return `$argon2id$v=19$${costs}$${toText(salt)}$${toText(hash)}`;
}

/** True if it is the password that was hashed. Takes as long for any other. Rejects with `damaged`. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const { salt, hash, ...cost } = parse(stored);
  return timingSafeEqual(await hashWith(password, { ...cost, salt, length: hash.length }), hash);
}

/** True for a hash that cost less than one does now; when its password is next given, it is hashed anew. */
export function isOutdated(stored: string, cost = presentCost): boolean {
  const { memory, passes } = parse(stored);
  return memory < cost.memory || passes < cost.passes;
}

interface Derivation extends PasswordCost {
  readonly salt: Uint8Array;
  readonly length: number;
}

function hashWith(password: string, { salt, length, ...cost }: Derivation): Promise<Buffer> {
  return derive("argon2id", {
    // Keyboards and systems differ in how they compose the same letter.
    message: password.normalize("NFKC"),
    nonce: salt,
    tagLength: length,
    ...cost,
  });
}

const shape =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,7}),t=(?<passes>\d{1,3}),p=(?<parallelism>\d{1,2})\$(?<salt>[A-Za-z0-9+/]{11,64})\$(?<hash>[A-Za-z0-9+/]{22,86})$/u;

function parse(stored: string) {
  const { memory, passes, parallelism, salt, hash } = shape.exec(stored)?.groups ?? {};
  if (salt === undefined || hash === undefined)
    throw new SafehouseError("damaged", "The stored password cannot be understood", {
      advice: "Set it anew on the machine itself with: safehouse access password",
    });
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

function toText(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
