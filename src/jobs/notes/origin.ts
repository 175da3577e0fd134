/** Which installation a backup is of, and which plan made it. Nothing of it is secret. */
export interface BackupOrigin {
  /** Id of the installation: a UUID. */
  readonly installation: string;
  /** Id of the plan; undefined for a backup that was made without one. */
  readonly plan: string | undefined;
}

/** Name of the origin in `extra.safehouse` of `backup.json` and in the notes beside the archive. */
export const originKey = "origin";

/** The origin as a JSON value. */
export function originNote({ installation, plan }: BackupOrigin): Readonly<Record<string, string>> {
  return plan === undefined ? { installation } : { installation, plan };
}

/** What a JSON value says of an origin; undefined if it says nothing that can be understood. */
export function parseOrigin(value: unknown): BackupOrigin | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { installation, plan } = value as Readonly<Record<string, unknown>>;
  if (typeof installation !== "string" || installation === "") return undefined;
  if (plan !== undefined && typeof plan !== "string") return undefined;
  return { installation, plan };
}

/** True if both name the same installation and plan. */
export function isSameOrigin(a: BackupOrigin, b: BackupOrigin): boolean {
  return a.installation === b.installation && a.plan === b.plan;
}
