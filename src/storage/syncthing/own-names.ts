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
