import { keyGroups } from "../key-groups.ts";
import type { RingKey } from "../key-ring-port.ts";

/** What an emergency kit says, in whatever form. */
export interface EmergencyKit {
  /** Name of the machine that makes the backups. */
  readonly installation: string;
  /** Where the home lies; undefined if that is not known. */
  readonly home: string | undefined;
  /** Where the backups lie. */
  readonly location: string;
  readonly key: RingKey;
  /** The key itself, dashes included. */
  readonly secret: string;
  /** Date of the kit, ISO. */
  readonly date: string;
}

/** A fact about the kit: what, and which. */
export type KitFact = readonly [label: string, value: string];

/** What tells this kit from others. */
export function kitFacts({ installation, home, location, key, date }: EmergencyKit): KitFact[] {
  return [
    ["Installation", installation],
    ...(home === undefined ? [] : [["Home Assistant", home] as const]),
    ["Backups", location],
    ["Key", `${key.id}, ${key.name}`],
    ["In use since", key.madeAt.slice(0, 10)],
    ["Date of this kit", date.slice(0, 10)],
  ];
}

/** What to know about the key, in one paragraph. */
export function kitPurpose({ secret }: EmergencyKit): string {
  const dashes = keyGroups(secret) === undefined ? "" : " The dashes are part of it.";
  return `This key opens the backups that were encrypted with it. Without it nobody can open them, and there is no way to recover it.${dashes}`;
}

/** A way to use the key: what for, then what to do, step by step. */
export interface KitSteps {
  readonly title: string;
  readonly steps: readonly string[];
  /** Lines to type as they stand. */
  readonly code?: readonly string[];
}

/** What to do with the kit now, and when something has happened. */
export function kitSteps({ key }: EmergencyKit): readonly KitSteps[] {
  return [
    {
      title: "Now",
      steps: [
        "Keep this kit away from the machine that makes the backups: on paper, or in a password manager.",
        `Prove that you can read it: safehouse keys prove ${key.id}`,
        "When the key is changed, keep this kit for as long as you keep backups from before.",
      ],
    },
    {
      title: "To restore with Safehouse on a new machine",
      steps: [
        "Install Safehouse and say where home and backups lie: safehouse init --home DIR --location DIR",
        "Enter the key when it is asked for: safehouse keys import (from a file: --kit-file FILE)",
        "safehouse backups list, then: safehouse backups restore SLUG",
      ],
    },
    {
      title: "To restore with Home Assistant alone",
      steps: [
        "On the first page of a new Home Assistant choose to upload a backup; in one that runs, Settings > System > Backups, upload a backup in the menu.",
        "Choose the .tar file of the backup, then what to restore.",
        "Enter the key where the encryption key is asked for.",
      ],
    },
    {
      title: "To get at the files on any computer with Python, by Home Assistant's own library",
      steps: [
        "In an empty folder: tar -xf BACKUP.tar; then: pip install securetar",
        "Start python3 and enter these lines and an empty one; the key is asked for.",
      ],
      code: officialCode,
    },
  ];
}

/** Extracts every encrypted inner archive in the working directory, compressed or not. */
const officialCode = [
  "from pathlib import Path; from getpass import getpass; from securetar import SecureTarFile",
  'key = getpass("Key: ")',
  'for path in Path().glob("*.tar*"):',
  '    if path.open("rb").read(9) == b"SecureTar":',
  '        with SecureTarFile(path, gzip=path.suffix == ".gz", password=key) as tar:',
  '            tar.extractall(path.name.split(".")[0], members=tar, filter="tar")',
];
