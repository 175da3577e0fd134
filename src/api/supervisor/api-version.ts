/** Version of the Supervisor's API: the first at the root, the second below `/v2`. They differ in a few names. */
export type ApiVersion = 1 | 2;

/** What add-ons are called in bodies and answers. */
export function addonsKey(version: ApiVersion): "addons" | "apps" {
  return version === 1 ? "addons" : "apps";
}
