/**
 * Throws a `RangeError` unless the key is a relative path that stays where it belongs: no empty name,
 * no `.` or `..`, no NUL, no lone surrogate.
 */
export function checkKey(key: string): void {
  if (!key.isWellFormed()) throw new RangeError("A key must be valid Unicode");
  if (key.includes("\0")) throw new RangeError("A key must not hold a NUL character");
  for (const name of key.split("/")) {
    if (name === "" || name === "." || name === "..") {
      throw new RangeError(`A key must be a relative path without . and .., not "${key}"`);
    }
  }
}

/** Throws a `RangeError` unless keys can begin with the prefix: `""`, `folder/`, `folder/na`. */
export function checkPrefix(prefix: string): void {
  const end = prefix.lastIndexOf("/");
  if (end >= 0) checkKey(prefix.slice(0, end));
  if (prefix.includes("\0")) throw new RangeError("A prefix must not hold a NUL character");
}
