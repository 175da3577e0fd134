/**
 * What somebody may do, each including those before it: look at everything that is not secret; make, deliver
 * and verify backups; restore; everything.
 */
export const scopes = ["read", "backup", "restore", "admin"] as const;

export type Scope = (typeof scopes)[number];

/** True if whoever has `held` may do what `needed` asks for. */
export function includesScope(held: Scope, needed: Scope): boolean {
  return scopes.indexOf(held) >= scopes.indexOf(needed);
}
