import { isIPv6 } from "node:net";

/**
 * Those who count as one when guesses are counted: an IPv4 address; an IPv6 network of 64 bits, since whoever
 * has one of its addresses has them all. An IPv4 address in the form of IPv6 is what it stands for.
 * @param address undefined if it is not known
 */
export function addressGroup(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const plain = plainAddress(address);
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(":")}::/64` : plain;
}

/** An address without its zone, and as IPv4 where it stands for one: `::ffff:192.0.2.1` is `192.0.2.1`. */
export function plainAddress(address: string): string {
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return bare;
  const groups = groupsOf(bare);
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return bare;
  const bits = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return bits.flatMap((pair) => [pair >> 8, pair & 0xff]).join(".");
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): string[] {
  // The URL parser writes every address in one way.
  const { hostname } = new URL(`http://[${address}]`);
  const [before = "", after = ""] = hostname.slice(1, -1).split("::");
  const head = before.split(":").filter((group) => group !== "");
  const tail = after.split(":").filter((group) => group !== "");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail];
}
