import { HttpProblem } from "../http-problem.ts";
import { parsePropfind, type PropertyWish } from "./propfind-request.ts";
import { smallBody } from "./small-body.ts";
import { xmlResponse } from "./write-xml.ts";

/** What a `PROPFIND` asks for. */
export interface Propfind {
  readonly wish: PropertyWish;
  /** Also what lies directly in the folder that is asked for. */
  readonly withChildren: boolean;
  readonly wantsQuota: boolean;
}

/** Reads a `PROPFIND`. One without end is refused by an answer of its own. Rejects with `usage`. */
export async function readPropfind(request: Request): Promise<Propfind | Response> {
  const depth = request.headers.get("Depth")?.trim().toLowerCase() ?? "infinity";
  if (depth === "infinity")
    return xmlResponse(403, `<D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>`);
  if (depth !== "0" && depth !== "1")
    throw new HttpProblem({ status: 400 }, { problem: "usage", message: `${depth} is no depth` });
  const wish = parsePropfind(await smallBody(request));
  const named = wish.kind === "some" ? wish.names : wish.kind === "all" ? wish.also : [];
  const wantsQuota = named.some(({ name }) => name.startsWith("quota-"));
  return { wish, withChildren: depth === "1", wantsQuota };
}
