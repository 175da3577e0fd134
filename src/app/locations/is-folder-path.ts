/** True if what a person wrote for a location is the path of a folder, and not the id of a location. */
export function isFolderPath(text: string): boolean {
  return /[\\/]/u.test(text) || text === "." || text === "..";
}
