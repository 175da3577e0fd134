import { SmbConnection } from "./protocol/connection.ts";
import { dialects, versionName } from "./protocol/dialect.ts";
import { negotiate, type Negotiation } from "./protocol/negotiate.ts";
import { signIn } from "./protocol/session-setup.ts";
import { isStatus, SmbConnectionError } from "./protocol/smb-error.ts";
import { speaksOnlySmb1 } from "./protocol/smb1.ts";
import { SmbTree } from "./protocol/tree.ts";
import { verifyAgreement } from "./protocol/verify-agreement.ts";
import type { SmbSettings } from "./settings.ts";

/** A server that knows who we are. */
export interface Session {
  readonly connection: SmbConnection;
  readonly negotiation: Negotiation;
}

/** Connects and signs in. Rejects with `SmbError` or `SmbConnectionError`. */
export async function openSession(settings: SmbSettings, signal: AbortSignal): Promise<Session> {
  if (settings.user !== "") return signedIn(settings, settings.user, signal);
  try {
    return await signedIn(settings, "guest", signal);
  } catch (error) {
    // Some let nobody in particular in, but nobody called guest.
    if (!isStatus(error, "LOGON_FAILURE", "ACCOUNT_DISABLED", "NO_SUCH_USER")) throw error;
    return signedIn(settings, "", signal);
  }
}

/** Goes into the share of the settings. */
export async function enterShare(
  session: Session,
  settings: SmbSettings,
  signal: AbortSignal,
): Promise<SmbTree> {
  const { connection, negotiation } = session;
  const { host, share } = settings;
  const tree = await SmbTree.connect(connection, `\\\\${host}\\${share}`, signal);
  if (tree.sealed) seal(connection, "the share asks for encryption");
  await verifyAgreement(tree, negotiation, signal);
  return tree;
}

async function signedIn(
  settings: SmbSettings,
  user: string,
  signal: AbortSignal,
): Promise<Session> {
  const { host, port, password, domain } = settings;
  const requireSigning = settings.signing === "required";
  const connection = await SmbConnection.open({ host, port }, signal);
  try {
    const wish = { host, oldest: settings.minimumProtocol, requireSigning };
    const negotiation = await agree(connection, { settings, wish, signal });
    const identity = { user, password, domain };
    const { guest, sealed } = await signIn(
      connection,
      { host, identity, negotiation, requireSigning },
      signal,
    );
    if (guest) checkGuest(settings);
    if (sealed) seal(connection, "the server asks for encryption");
    else if (settings.encryption === "required")
      seal(connection, "the settings ask for encryption");
    else if (settings.encryption === "desired") connection.protection?.seal();
    return { connection, negotiation };
  } catch (error) {
    connection.end();
    throw error;
  }
}

async function agree(
  connection: SmbConnection,
  order: {
    readonly settings: SmbSettings;
    readonly wish: Parameters<typeof negotiate>[1];
    readonly signal: AbortSignal;
  },
): Promise<Negotiation> {
  const { host, port } = order.settings;
  try {
    return await negotiate(connection, order.wish, order.signal);
  } catch (error) {
    if (isStatus(error, "NOT_SUPPORTED")) {
      const { oldest } = order.wish;
      const newest = Math.max(...Object.values(dialects));
      throw new SmbConnectionError(
        "not-offered",
        `it speaks no version of SMB from ${oldest} to ${versionName(newest)}`,
        { cause: error },
      );
    }
    const silent = error instanceof SmbConnectionError && error.trouble === "lost";
    if (!silent || !(await speaksOnlySmb1({ host, port }, order.signal))) throw error;
    throw new SmbConnectionError("not-offered", "it speaks nothing newer than SMB1", {
      cause: error,
    });
  }
}

/** Guests share no secret with the server, so nothing can be signed or sealed; and who has named a user wants that one. */
function checkGuest(settings: SmbSettings): void {
  if (settings.user !== "")
    throw new SmbConnectionError("only-a-guest", `it lets ${settings.user} in as a guest only`);
  const wish =
    settings.encryption === "required"
      ? "encryption"
      : settings.signing === "required"
        ? "signing"
        : undefined;
  if (wish !== undefined)
    throw new SmbConnectionError("not-offered", `there is no ${wish} for guests`);
}

function seal(connection: SmbConnection, why: string): void {
  if (connection.protection?.seal() === true) return;
  throw new SmbConnectionError("not-offered", `${why}, but both sides together cannot do it`);
}
