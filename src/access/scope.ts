/**
 * What somebody may do, each including those before it: look at everything that is not secret; make, deliver
 * and verify backups; restore; everything.
 */
const ladder = ["read", "backup", "restore", "admin"] as const;

/** All scopes. `inbox` stands beside the ladder: who has it may bring archives to the inbox, and nothing else. */
export const scopes = [...ladder, "inbox"] as const;

export type Scope = (typeof scopes)[number];

/** True if whoever has `held` may do what `needed` asks for. */
export function includesScope(held: Scope, needed: Scope): boolean {
  if (held === needed) return true;
  // Whoever may do everything may do what stands beside the ladder, too.
  if (held === "inbox" || needed === "inbox") return held === "admin";
  return ladder.indexOf(held) >= ladder.indexOf(needed);
}
