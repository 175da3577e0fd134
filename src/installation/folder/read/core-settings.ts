/**
 * The document beside `data` in `homeassistant.tar`: the Supervisor's settings of Home Assistant Core
 * (docs/format.md, section 6.1). Only the version is known here; tokens stay out of it on purpose.
 */
export function coreSettings(version: string | undefined): string {
  return `${JSON.stringify(version === undefined ? {} : { version }, null, 2)}\n`;
}
