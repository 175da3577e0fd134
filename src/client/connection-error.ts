import { SafehouseError } from "#core/model/problem.ts";
import { addressText, type ServerAddress } from "./server-address.ts";

/** What is known of a failure below HTTP. */
interface Failure {
  readonly code: string;
  readonly cause: unknown;
}

/** Why a server could not be asked, as `unreachable`: each cause with what to do about it. No secrets. */
export function connectionError(cause: unknown, address: ServerAddress): SafehouseError {
  if (cause instanceof SafehouseError) return cause;
  const code = codeOf(cause);
  const failure = { code, cause };
  if (certificateCodes.has(code)) return untrusted(failure, address);
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return unreachable(address, "does not speak HTTPS", {
      ...failure,
      advice: "Begin its address with http:// if it is a server without TLS",
    });
  if (code.startsWith("HPE_")) return noSafehouse(address, "it does not speak HTTP", cause);
  if (code === "ECONNRESET" || code === "EPIPE")
    return unreachable(address, "broke the connection off", {
      ...failure,
      advice: "Look whether it has been stopped; a server with TLS is reached by https://",
    });
  return unreachable(address, "cannot be reached", { ...failure, advice: startAdvice(address) });
}

/** Something else than our server answers there. `what` is the end of a sentence. */
export function noSafehouse(address: ServerAddress, what: string, cause?: unknown): SafehouseError {
  const text = addressText(address);
  return new SafehouseError("unreachable", `What answers at ${text} is no Safehouse: ${what}`, {
    subject: text,
    advice: "Check the address; it ends before /api",
    cause,
  });
}

/** Nothing came for so long that it counts as gone. */
export function silent(address: ServerAddress, seconds: number): SafehouseError {
  return unreachable(address, `has not sent a byte for ${seconds} seconds`, {
    code: "",
    cause: undefined,
    advice: startAdvice(address),
  });
}

function untrusted({ code, cause }: Failure, address: ServerAddress): SafehouseError {
  const why =
    code === "ERR_TLS_CERT_ALTNAME_INVALID"
      ? "has a certificate for another name"
      : code === "CERT_HAS_EXPIRED"
        ? "has a certificate that has expired"
        : "has a certificate that nobody vouches for";
  return unreachable(address, why, {
    code,
    cause,
    advice:
      "Use the name that the certificate is for, and let NODE_EXTRA_CA_CERTS name a file with one of your own",
  });
}

function unreachable(
  address: ServerAddress,
  what: string,
  { code, cause, advice }: Failure & { readonly advice: string },
): SafehouseError {
  const text = addressText(address);
  const why = code === "" ? "" : ` (${code})`;
  return new SafehouseError("unreachable", `The server at ${text} ${what}${why}`, {
    subject: text,
    advice,
    cause,
  });
}

function startAdvice({ found }: ServerAddress): string {
  return found
    ? "Look whether it still runs; --embedded does without it"
    : "Check the address, and that safehouse serve runs there";
}

function codeOf(error: unknown): string {
  // Several addresses of one name fail as one.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** What Node calls a certificate that it does not trust. */
const certificateCodes = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "CERT_REVOKED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
