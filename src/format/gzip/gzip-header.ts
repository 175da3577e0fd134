/** RFC 1952, section 2.3. */
export const gzipMagic = [0x1f, 0x8b] as const;
export const deflateMethod = 8;
export const headerFlag = {
  headerCrc: 0x02,
  extra: 0x04,
  name: 0x08,
  comment: 0x10,
  reserved: 0xe0,
} as const;

const unknownSystem = 255;

/**
 * Header of a gzip member without time, so that equal content gives equal bytes.
 * @param fileName FNAME; `""` is written as an empty name, a name that ISO 8859-1 cannot spell is left out
 */
export function gzipHeader(fileName?: string): Uint8Array {
  const name = fileName === undefined ? undefined : latin1(fileName);
  const flags = name === undefined ? 0 : headerFlag.name;
  const fixed = [...gzipMagic, deflateMethod, flags, 0, 0, 0, 0, 0, unknownSystem];
  return Uint8Array.from(name === undefined ? fixed : [...fixed, ...name, 0]);
}

function latin1(text: string): number[] | undefined {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return codes.every((code) => code > 0 && code <= 0xff) ? codes : undefined;
}
