import { SafehouseError } from "#core/model/problem.ts";

/** An address of settings. Throws `usage` without repeating it, for it may be secret. */
export function webAddress(text: string): URL {
  const url = URL.parse(text);
  if (url !== null) return url;
  throw new SafehouseError("usage", "The address of the channel is no valid address", {
    advice: "Enter it anew, with its host spelt as a browser would take it",
  });
}
