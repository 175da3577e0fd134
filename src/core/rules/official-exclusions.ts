import type { Part } from "../model/part.ts";
import type { Rule } from "./rule.ts";

/**
 * What official backups leave out of a part: the union of the Supervisor's list and of Home Assistant
 * Core's own (docs/format.md, section 6.1). Patterns are matched against the whole path below the
 * config folder; add-ons name theirs in their own configuration, which only a Supervisor knows.
 */
export function officialExclusions(part: Part): readonly Rule[] {
  return part.kind === "homeassistant" ? configExclusions : [];
}

/**
 * What no rule can bring back: Safehouse's own folders everywhere and, without the database, the
 * recorder's files at the top of the config folder.
 */
export function fixedExclusions(part: Part, database: boolean): readonly Rule[] {
  return part.kind === "homeassistant" && !database ? [...databaseFiles, ownFolders] : [ownFolders];
}

/** Whether a name at the top of the config folder is the recorder's database. */
export function isRecorderDatabase(name: string): boolean {
  return /^home-assistant_v.\.db$/u.test(name);
}

const configExclusions = [
  "**/__pycache__/*",
  "**/.DS_Store",
  ".HA_RESTORE",
  "*.db-shm",
  "*.log.*",
  "*.log",
  "*.corrupt.*",
  ".storage/*.corrupt.*",
  "OZW_Log.txt",
  "backups/*.tar",
  "tmp_backups/*.tar",
  "tts/*",
  ".cache/*",
].map(inConfig);

const databaseFiles = ["home-assistant_v?.db", "home-assistant_v?.db-wal"].map(inConfig);

const ownFolders: Rule = { text: ".safehouse/", include: false, pattern: ".safehouse/" };

function inConfig(pattern: string): Rule {
  return { text: `config/${pattern}`, include: false, pattern: `config/${pattern}` };
}
