import { controlOutput, controlRequest } from "./control.ts";
import { dialects } from "./dialect.ts";
import type { Negotiation } from "./negotiate.ts";
import { SmbConnectionError, SmbError } from "./smb-error.ts";
import type { SmbTree } from "./tree.ts";

const validateNegotiateInfo = 0x00140204;

/**
 * Asks, now that answers are signed, what was agreed upon before they were: somebody in between might have struck out
 * what is safer, [MS-SMB2] 3.2.5.5. 3.1.1 binds its keys to it instead. Throws `not-genuine`.
 */
export async function verifyAgreement(
  tree: SmbTree,
  { agreement, offer }: Negotiation,
  signal: AbortSignal,
): Promise<void> {
  const canSign = tree.connection.protection?.canSign === true;
  if (agreement.dialect === dialects["3.1.1"] || !canSign) return;
  const { capabilities, guid, securityMode } = agreement.told;
  const input = Buffer.alloc(24 + offer.dialects.length * 2);
  input.writeUInt32LE(offer.capabilities, 0);
  offer.guid.copy(input, 4);
  input.writeUInt16LE(offer.securityMode, 20);
  input.writeUInt16LE(offer.dialects.length, 22);
  offer.dialects.forEach((dialect, index) => input.writeUInt16LE(dialect, 24 + index * 2));
  const request = controlRequest(validateNegotiateInfo, input, 24);
  try {
    const { message } = await tree.request(
      { ...request, signed: true, answerSigned: true },
      signal,
    );
    const told = controlOutput(message);
    const same =
      told.readUInt32LE(0) === capabilities &&
      told.subarray(4, 20).equals(guid) &&
      told.readUInt16LE(20) === securityMode &&
      told.readUInt16LE(22) === agreement.dialect;
    if (!same)
      throw new SmbConnectionError("not-genuine", "what was agreed upon was changed on its way");
  } catch (error) {
    // Servers that are older than the question say so, and sign even that.
    if (!(error instanceof SmbError)) throw error;
  }
}
