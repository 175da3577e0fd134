/**
 * What the delays of a plan's runs depend on: two homes, and two plans of a home, shall not start in the
 * same second.
 * @param installation id of the installation
 * @param plan id of the plan
 */
export function planSeed(installation: string, plan: string): string {
  return `${installation}/${plan}`;
}
