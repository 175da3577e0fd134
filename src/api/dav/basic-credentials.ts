/**
 * The password of `Authorization: Basic` (RFC 7617), as UTF-8; the name of the user says nothing here. Undefined
 * without such a header, and for one that cannot be read.
 */
export function basicPassword(authorization: string | undefined): string | undefined {
  const encoded = /^basic +(?<encoded>[A-Za-z0-9+/]+={0,2}) *$/iu.exec(authorization ?? "");
  const text = Buffer.from(encoded?.groups?.["encoded"] ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : text.slice(colon + 1);
}
