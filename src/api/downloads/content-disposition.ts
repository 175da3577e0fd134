/**
 * Value of `Content-Disposition` that lets a browser save what comes under this name, whatever is in it: as UTF-8
 * (RFC 8187), and for old clients in ASCII.
 */
export function attachmentNamed(name: string): string {
  const text = name.toWellFormed().replace(/\p{Cc}/gu, "_");
  const ascii = text.replace(/[^ -~]/gu, "_").replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return ascii === text
    ? `attachment; filename="${ascii}"`
    : `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
