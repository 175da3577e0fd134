import { bodyAt, type SmbAnswer, type SmbConnection } from "./connection.ts";
import { dialects } from "./dialect.ts";
import { command, header } from "./header.ts";
import { sessionKeys } from "./keys.ts";
import { nextPreauthHash, type Negotiation } from "./negotiate.ts";
import { ntlmAnswer, ntlmNegotiate, type Identity } from "./ntlm.ts";
import { ntlmSignature } from "./ntlm-signature.ts";
import { Protection } from "./protection.ts";
import { isGenuine } from "./signing.ts";
import { SmbConnectionError } from "./smb-error.ts";
import { offeredMechanisms, spnegoFirst, spnegoNext, spnegoToken } from "./spnego.ts";
import { ntStatus } from "./status.ts";

export interface SignInOptions {
  readonly host: string;
  readonly identity: Identity;
  readonly negotiation: Negotiation;
  readonly requireSigning: boolean;
}

export interface SignedIn {
  readonly protection: Protection;
  /** The server knows no such user, or nobody was named. */
  readonly guest: boolean;
  /** The server wants everything to be sealed. */
  readonly sealed: boolean;
}

/** Bits of how far we sign: can, and insist. */
const security = { can: 1, insists: 2 } as const;
const flag = { guest: 1, nobody: 2, sealed: 4 } as const;

/**
 * Signs in with NTLMv2, [MS-SMB2] 3.2.4.2.3, and from then on signs where that was agreed upon. Rejects with `SmbError`:
 * `LOGON_FAILURE` and its kin.
 */
export async function signIn(
  connection: SmbConnection,
  options: SignInOptions,
  signal: AbortSignal,
): Promise<SignedIn> {
  const { agreement } = options.negotiation;
  const insists = options.requireSigning;
  const first = ntlmNegotiate();
  const asked = await setUp(connection, { token: spnegoFirst(first), insists }, signal);
  const sessionId = header.sessionId(asked.message);
  // Only so that the next request carries the number of the session.
  connection.protection = new Protection({ sessionId, agreement, keys: undefined, signs: false });
  const challenge = spnegoToken(tokenIn(asked.message));
  if (asked.status !== ntStatus.MORE_PROCESSING_REQUIRED || challenge === undefined)
    throw new SmbConnectionError("not-understood", "the server does not sign in with NTLM");
  const { message: last, sessionKey } = ntlmAnswer(options.identity, {
    negotiate: first,
    challenge,
    host: options.host,
  });
  const signature =
    sessionKey === undefined ? undefined : ntlmSignature(sessionKey, offeredMechanisms);
  const done = await setUp(connection, { token: spnegoNext(last, signature), insists }, signal);
  if (done.status !== ntStatus.SUCCESS)
    throw new SmbConnectionError("not-understood", "the server wants more than NTLM says");
  const flags = done.message.readUInt16LE(bodyAt + 2);
  const guest = (flags & (flag.guest | flag.nobody)) !== 0;
  const hash = [asked.sent, [asked.message], done.sent].reduce<Buffer>(
    (before, message) => nextPreauthHash(before, ...message),
    options.negotiation.preauthHash,
  );
  const keys =
    guest || sessionKey === undefined ? undefined : sessionKeys(sessionKey, agreement, hash);
  // In 3.1.1 this signature says that nobody has changed what was agreed upon before there were keys.
  const mustBeSigned = agreement.dialect === dialects["3.1.1"] && keys !== undefined;
  if (mustBeSigned && !isGenuine(done.message, agreement.signer, keys.signing))
    throw new SmbConnectionError(
      "not-genuine",
      "the server has not proven that it knows the password",
    );
  const signs = agreement.serverRequiresSigning || insists;
  const protection = new Protection({ sessionId, agreement, keys, signs });
  connection.protection = protection;
  return { protection, guest, sealed: (flags & flag.sealed) !== 0 };
}

function setUp(
  connection: SmbConnection,
  { token, insists }: { readonly token: Buffer; readonly insists: boolean },
  signal: AbortSignal,
): Promise<SmbAnswer> {
  const body = Buffer.alloc(24);
  body.writeUInt16LE(25, 0);
  body[3] = insists ? security.can | security.insists : security.can;
  body.writeUInt16LE(bodyAt + body.length, 12);
  body.writeUInt16LE(token.length, 14);
  return connection.request(
    {
      command: command.sessionSetup,
      body: [Buffer.concat([body, token])],
      allow: ["MORE_PROCESSING_REQUIRED"],
    },
    signal,
  );
}

function tokenIn(message: Buffer): Buffer {
  const begin = message.readUInt16LE(bodyAt + 4);
  return message.subarray(begin, begin + message.readUInt16LE(bodyAt + 6));
}
