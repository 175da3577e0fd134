/**
 * The names that the path of an address consists of below a prefix, as people write them; a `/` at the end changes
 * nothing. Undefined for what is not below it, and for names that no file can have.
 * @param pathname as it stands in the address, percent-encoded
 * @param prefix without `/` at the end
 */
export function davPath(pathname: string, prefix: string): readonly string[] | undefined {
  if (pathname !== prefix && !pathname.startsWith(`${prefix}/`)) return undefined;
  const names: string[] = [];
  for (const encoded of pathname.slice(prefix.length).split("/")) {
    if (encoded === "") continue;
    const name = decoded(encoded);
    if (name === undefined || !isName(name)) return undefined;
    names.push(name);
  }
  return names;
}

/** The address of a path, absolute on its server; that of a folder ends with `/`. */
export function davAddress(prefix: string, path: readonly string[], isFolder: boolean): string {
  const encoded = path.map((name) => `/${encodeURIComponent(name.toWellFormed())}`).join("");
  return `${prefix}${encoded}${isFolder ? "/" : ""}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Percent signs that mean nothing.
    return undefined;
  }
}

function isName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- no XML can hold them, and no name of ours has them
  return name !== "." && name !== ".." && !/[/\\\u0000-\u001f\u007f]/u.test(name);
}
