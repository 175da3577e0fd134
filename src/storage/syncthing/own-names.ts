/**
 * True for names that are Syncthing's own: its marker, its patterns, old versions, and files that are coming in.
 * Source: docs.syncthing.net/users/syncing.html.
 */
export function isSyncthingsName(name: string): boolean {
  return (
    name === ".stfolder" ||
    name === ".stignore" ||
    name === ".stversions" ||
    /^(\.syncthing\..*|~syncthing~.*)\.tmp$/s.test(name)
  );
}

/** True for a file that Syncthing has put aside because two devices had changed it. */
export function isConflict(name: string): boolean {
  return /\.sync-conflict-\d{8}-\d{6}(-[A-Z2-7]{7})?(\.|$)/.test(name);
}
