/** What the inbox understands: what Home Assistant needs, and what there is to read. */
export const inboxMethods = [
  "OPTIONS",
  "PROPFIND",
  "PROPPATCH",
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "MKCOL",
  "MOVE",
];
