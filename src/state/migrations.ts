/**
 * Steps from an empty state file to the present one; `user_version` counts how many were taken.
 * A step that was released is never changed: further ones are added behind it.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE archive (
     home TEXT NOT NULL,
     location TEXT NOT NULL,
     key TEXT NOT NULL,
     object_version TEXT NOT NULL,
     facts_version INTEGER NOT NULL,
     inspection TEXT NOT NULL,
     PRIMARY KEY (home, location, key)
   ) STRICT, WITHOUT ROWID`,
];
