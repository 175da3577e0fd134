import { argon2, hkdfSync } from "node:crypto";
import { promisify } from "node:util";
import { stretchWithSha256 } from "./aes-key.ts";

const deriveArgon2 = promisify(argon2);

/** Hostile archives may name a new salt in every inner archive; honest ones name one or a few. */
const rootKeysKept = 16;

/**
 * The keys that one backup password gives (docs/format.md, sections 8.2 and 8.3). Keys are derived when
 * they are first asked for. Neither inspecting nor serialising the object shows the password or a key.
 */
export class PasswordKeys {
  readonly #password: Uint8Array | undefined;
  #aesKey: Uint8Array | undefined;
  readonly #rootKeys = new Map<string, Promise<Uint8Array>>();

  /**
   * @param secret the password, of which the UTF-8 bytes count, dashes and spaces included; or a 16-byte
   *   AES key where only that is known, which opens v1 and v2 archives
   * @throws RangeError for an empty password, which means "no password", and for text that is no Unicode
   */
  constructor(secret: string | { readonly aesKey: Uint8Array }) {
    if (typeof secret === "string") this.#password = encodePassword(secret);
    else this.#aesKey = checkedAesKey(secret.aesKey);
  }

  /** The 16-byte AES key of v1 and v2: the same for every archive with this password. */
  aesKey(): Uint8Array {
    this.#aesKey ??= stretchWithSha256(this.#passwordBytes());
    return this.#aesKey;
  }

  /**
   * The 32-byte root key of v3 for an archive's 16-byte root salt. Takes about 0.1 s and 16 MiB off the
   * main thread the first time; calls for the same salt share one derivation.
   */
  rootKey(rootSalt: Uint8Array): Promise<Uint8Array> {
    const name = Buffer.from(rootSalt).toString("hex");
    const known = this.#rootKeys.get(name);
    if (known !== undefined) return known;
    const derived = deriveRootKey(this.#passwordBytes(), rootSalt);
    this.#rootKeys.set(name, derived);
    derived.catch(() => this.#rootKeys.delete(name));
    const [oldest] = this.#rootKeys.keys();
    if (this.#rootKeys.size > rootKeysKept && oldest !== undefined) this.#rootKeys.delete(oldest);
    return derived;
  }

  /**
   * A 32-byte key for something beside the archive, such as its index: HKDF-SHA-256 (RFC 5869) of the v3
   * root key for this salt, without HKDF salt, `info` = the purpose as UTF-8. Archives of v1 and v2 have
   * no root salt: choose 16 random bytes and keep them beside what is encrypted.
   *
   * @param purpose a constant text; each use of the key has its own
   */
  async deriveKey(salt: Uint8Array, purpose: string): Promise<Uint8Array> {
    return new Uint8Array(hkdfSync("sha256", await this.rootKey(salt), "", purpose, 32));
  }

  toJSON(): string {
    return "[password]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "PasswordKeys {}";
  }

  #passwordBytes(): Uint8Array {
    if (this.#password === undefined)
      throw new TypeError("A raw AES key opens v1 and v2 archives only");
    return this.#password;
  }
}

function encodePassword(password: string): Uint8Array {
  if (password === "") throw new RangeError("An empty password means no password");
  if (!password.isWellFormed()) throw new RangeError("A password must be well-formed Unicode");
  return new TextEncoder().encode(password);
}

function checkedAesKey(key: Uint8Array): Uint8Array {
  if (key.length !== 16) throw new RangeError(`An AES key has 16 bytes, not ${key.length}`);
  return Uint8Array.from(key);
}

function deriveRootKey(password: Uint8Array, rootSalt: Uint8Array): Promise<Uint8Array> {
  return deriveArgon2("argon2id", {
    message: password,
    nonce: Uint8Array.from(rootSalt),
    passes: 8,
    memory: 16_384,
    parallelism: 1,
    tagLength: 32,
  });
}
