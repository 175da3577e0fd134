/**
 * Names between our keys and rclone's remotes. Inside of rclone control characters never occur: they stand there as
 * symbols (a new line as ␊), and a symbol that is really meant has a ‛ before it. Back-ends are given the real ones, as far
 * as they can hold them. Source: rclone's "overview", "Restricted filenames".
 */
export function toRemotePath(key: string): string {
  return key.split("/").map(toRemoteName).join("/");
}

/** The name of an object as its key has it. */
export function fromRemoteName(name: string): string {
  const quoted = /^(‛．){1,2}$/.test(name) ? name.replaceAll(quote, "") : name;
  return quoted.replaceAll(
    /‛([‛\u2400-\u241f\u2421])|([\u2401-\u241f\u2421])/g,
    (_, literal, symbol) => (typeof literal === "string" ? literal : characterOf(String(symbol))),
  );
}

function toRemoteName(name: string): string {
  // Alone they would mean this folder and the one above.
  if (name === "．" || name === "．．") return name.replaceAll("．", `${quote}．`);
  return Array.from(name, (character) => {
    if (/[‛\u2400-\u241f\u2421]/.test(character)) return quote + character;
    const code = character.charCodeAt(0);
    if (code === 0x7f) return "\u2421";
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : character;
  }).join("");
}

function characterOf(symbol: string): string {
  return symbol === "\u2421" ? "\x7f" : String.fromCharCode(symbol.charCodeAt(0) - 0x2400);
}

const quote = "‛";
