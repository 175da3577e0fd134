import { globSync, readFileSync, statSync } from "node:fs";

/** Files below a folder that hold one of the texts, and which. */
export function filesWith(folder: string, texts: readonly string[]): string[] {
  const files = [...globSync("**/*", { cwd: folder }), ...globSync("**/.*/**", { cwd: folder })];
  return files
    .filter((name) => statSync(`${folder}/${name}`).isFile())
    .flatMap((name) => {
      const bytes = readFileSync(`${folder}/${name}`);
      return texts.filter((text) => bytes.includes(text)).map((text) => `${name}: ${text}`);
    });
}
