import { settingChanges, type SettingChange } from "#core/settings/setting-changes.ts";
import { withSealedOf } from "#core/settings/sealed-values.ts";

export interface MergedSettings {
  /** What to write: the settings of the file. Others stay. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly changes: readonly SettingChange[];
  /** Sentences about what is not done as the file says. */
  readonly notes: readonly string[];
}

/**
 * What importing settings over present ones comes to. Each setting in the file takes the place of the present
 * one as a whole, but for secrets that an export leaves out; what the file does not name stays.
 *
 * An installation that has an id keeps it: under that of another one it would take the other's backups for
 * its own, and let them go by its rules.
 */
export function mergeSettings(
  present: Readonly<Record<string, unknown>>,
  imported: Readonly<Record<string, unknown>>,
): MergedSettings {
  const { installation, ...others } = imported;
  const known = present["installation"];
  const isOther = installation !== undefined && known !== undefined && known !== installation;
  const settings = Object.fromEntries(
    Object.entries(isOther || installation === undefined ? others : imported).map(
      ([name, value]) => [name, withSealedOf(value, present[name])],
    ),
  );
  return {
    settings,
    changes: settingChanges(present, { ...present, ...settings }),
    notes: isOther
      ? [
          "The file is of another installation: this one keeps its id, and takes backups of the other for those of a stranger, which no rule lets go",
        ]
      : [],
  };
}
