/** Whether an archive is encrypted. */
export type Protection = "encrypted" | "plain";

/** Whether a backup is to be encrypted at a location, which may have a rule of its own. */
export function protectionAt(
  { isProtected }: { readonly isProtected: boolean | undefined },
  wanted: Protection,
): Protection {
  if (isProtected === undefined) return wanted;
  return isProtected ? "encrypted" : "plain";
}
