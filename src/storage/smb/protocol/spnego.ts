/** NTLM as the only way to sign in, 1.3.6.1.4.1.311.2.2.10, and SPNEGO itself, 1.3.6.1.5.5.2. */
const ntlm = Buffer.from("060a2b06010401823702020a", "hex");
const spnego = Buffer.from("06062b0601050502", "hex");

const tag = {
  octets: 0x04,
  sequence: 0x30,
  application: 0x60,
  first: 0xa0,
  third: 0xa2,
  fourth: 0xa3,
} as const;
const answerTag = 0xa1;

/** The ways to sign in that are offered, which a signature has to cover so that nobody strikes one out: RFC 4178, 5. */
export const offeredMechanisms = element(tag.sequence, ntlm);

/** Wraps the first message, as RFC 4178, 4.2.1 has it. */
export function spnegoFirst(token: Uint8Array): Buffer {
  const mechanisms = element(tag.first, offeredMechanisms);
  const inner = element(tag.third, element(tag.octets, token));
  const init = element(tag.first, element(tag.sequence, mechanisms, inner));
  return element(tag.application, spnego, init);
}

/**
 * Wraps every later message, RFC 4178, 4.2.2.
 * @param signature of `offeredMechanisms`; undefined where there is no secret to sign with
 */
export function spnegoNext(token: Uint8Array, signature: Uint8Array | undefined): Buffer {
  const signed =
    signature === undefined ? [] : [element(tag.fourth, element(tag.octets, signature))];
  const answer = element(tag.third, element(tag.octets, token));
  return element(answerTag, element(tag.sequence, answer, ...signed));
}

/** The token in an answer; undefined if it holds none. Throws `RangeError` for what is no such message. */
export function spnegoToken(message: Buffer): Buffer | undefined {
  const answer = contentOf(message, answerTag);
  const fields = contentOf(answer, tag.sequence);
  for (let at = 0; at < fields.length;) {
    const { kind, content, end } = readElement(fields, at);
    if (kind === tag.third) return contentOf(content, tag.octets);
    at = end;
  }
  return undefined;
}

function element(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head =
    length < 0x80
      ? [kind, length]
      : length < 0x100
        ? [kind, 0x81, length]
        : [kind, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), ...parts]);
}

function contentOf(message: Buffer, kind: number): Buffer {
  const found = readElement(message, 0);
  if (found.kind !== kind) throw new RangeError("The server signs in by a way that is not known");
  return found.content;
}

function readElement(
  message: Buffer,
  at: number,
): { readonly kind: number; readonly content: Buffer; readonly end: number } {
  const kind = message.readUInt8(at);
  const short = message.readUInt8(at + 1);
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  const length = lengthBytes === 0 ? short : message.readUIntBE(at + 2, lengthBytes);
  const begin = at + 2 + lengthBytes;
  return { kind, content: message.subarray(begin, begin + length), end: begin + length };
}
