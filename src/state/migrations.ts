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
  `CREATE TABLE run (
     home TEXT NOT NULL,
     id TEXT NOT NULL,
     created INTEGER NOT NULL,
     ended INTEGER,
     beat INTEGER NOT NULL,
     cancel_asked INTEGER,
     reason TEXT NOT NULL,
     owner TEXT NOT NULL,
     backup TEXT,
     PRIMARY KEY (home, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX run_by_age ON run (home, created);
   CREATE TABLE step (
     home TEXT NOT NULL,
     run TEXT NOT NULL,
     number INTEGER NOT NULL,
     kind TEXT NOT NULL,
     location TEXT NOT NULL,
     state TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     started INTEGER,
     ended INTEGER,
     retry_at INTEGER,
     progress TEXT,
     error TEXT,
     log TEXT NOT NULL,
     PRIMARY KEY (home, run, number),
     FOREIGN KEY (home, run) REFERENCES run (home, id) ON DELETE CASCADE
   ) STRICT, WITHOUT ROWID`,
  // The catalogue is a cache: rows without what these columns hold are read anew.
  `DROP TABLE archive;
   CREATE TABLE archive (
     home TEXT NOT NULL,
     location TEXT NOT NULL,
     key TEXT NOT NULL,
     object_version TEXT NOT NULL,
     size INTEGER NOT NULL,
     modified_at REAL NOT NULL,
     settled INTEGER NOT NULL,
     facts_version INTEGER NOT NULL,
     digest TEXT NOT NULL,
     inspection TEXT NOT NULL,
     PRIMARY KEY (home, location, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE place (
     home TEXT NOT NULL,
     location TEXT NOT NULL,
     looked_at INTEGER,
     stamp TEXT NOT NULL,
     PRIMARY KEY (home, location)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE plan (
     home TEXT NOT NULL,
     id TEXT NOT NULL,
     since INTEGER NOT NULL,
     timing TEXT NOT NULL,
     last_success INTEGER,
     last_run TEXT,
     PRIMARY KEY (home, id)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE alert (
     home TEXT NOT NULL,
     id TEXT NOT NULL,
     opened INTEGER NOT NULL,
     content TEXT NOT NULL,
     PRIMARY KEY (home, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE delivery (
     number INTEGER PRIMARY KEY,
     home TEXT NOT NULL,
     channel TEXT NOT NULL,
     id TEXT NOT NULL,
     notification TEXT NOT NULL,
     state TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     next_at INTEGER NOT NULL,
     ended INTEGER,
     error TEXT,
     UNIQUE (home, channel, id)
   ) STRICT`,
  `CREATE TABLE upload (
     home TEXT NOT NULL,
     location TEXT NOT NULL,
     key TEXT NOT NULL,
     state TEXT NOT NULL,
     PRIMARY KEY (home, location, key)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE arrival (
     home TEXT NOT NULL,
     location TEXT NOT NULL,
     file TEXT NOT NULL,
     content TEXT NOT NULL,
     PRIMARY KEY (home, location, file)
   ) STRICT, WITHOUT ROWID`,
];
