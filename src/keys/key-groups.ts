/** Groups of a key in Home Assistant's shape, and characters of a group. */
export const groupCount = 7;
export const groupLength = 4;

const shape = /^[A-Z0-9]{4}(?:-[A-Z0-9]{4}){6}$/;

/** The seven groups of a key in Home Assistant's shape; undefined for any other password. */
export function keyGroups(key: string): readonly string[] | undefined {
  return shape.test(key) ? key.split("-") : undefined;
}

/** The key of 28 characters. */
export function joinGroups(characters: string): string {
  const groups = Array.from({ length: groupCount }, (_, at) =>
    characters.slice(at * groupLength, (at + 1) * groupLength),
  );
  return groups.join("-");
}
