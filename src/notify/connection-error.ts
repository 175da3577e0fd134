import { SafehouseError, type Problem } from "#core/model/problem.ts";

/**
 * What a person is told when no connection came about, or it broke. The error behind it is left out: it may hold the
 * address, and addresses of channels are secrets.
 * @param destination host and port
 */
export function connectionError(error: unknown, destination: string): SafehouseError {
  const code = codesOf(error).find((candidate) => causeOf(candidate) !== undefined);
  const [problem, text, advice] = causeOf(code) ?? unknownCause;
  return new SafehouseError(
    problem,
    `${destination} ${text}${code === undefined ? "" : ` (${code})`}`,
    {
      subject: destination,
      advice,
    },
  );
}

type Cause = readonly [problem: Problem, text: string, advice: string];

const unknownCause: Cause = [
  "unreachable",
  "could not be reached",
  "Check the address and the network",
];
const noName: Cause = [
  "unreachable",
  "has a name that nobody knows",
  "Check how it is spelt, and the DNS of this machine",
];
const refused: Cause = [
  "unreachable",
  "refuses connections",
  "Check the port, and that the service runs",
];
const noRoute: Cause = [
  "unreachable",
  "cannot be reached from here",
  "Check the network, and that the machine is switched on",
];
const silent: Cause = ["unreachable", "does not answer", noRoute[2]];
const broken: Cause = [
  "unreachable",
  "broke the connection",
  "Check the port, and whether it wants TLS",
];
const untrusted: Cause = [
  "denied",
  "shows a certificate that this machine does not trust",
  "Add the certificate to what the system trusts, or name its file in NODE_EXTRA_CA_CERTS",
];
const noTls: Cause = [
  "unreachable",
  "does not speak TLS there",
  "Check the port, and whether the address begins with https",
];

const causes: Readonly<Record<string, Cause>> = {
  ENOTFOUND: noName,
  EAI_AGAIN: noName,
  ECONNREFUSED: refused,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ETIMEDOUT: silent,
  UND_ERR_CONNECT_TIMEOUT: silent,
  UND_ERR_HEADERS_TIMEOUT: silent,
  ECONNRESET: broken,
  EPIPE: broken,
  UND_ERR_SOCKET: broken,
  HTTPParserError: [
    "unreachable",
    "does not speak HTTP there",
    "Check the port, and whether the address begins with https",
  ],
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: [
    "denied",
    "shows a certificate that has expired",
    "Renew it there, and check the clock of this machine",
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "denied",
    "shows a certificate for another name",
    "Use the name that the certificate is for",
  ],
};

function causeOf(code: string | undefined): Cause | undefined {
  return code !== undefined && Object.hasOwn(causes, code) ? causes[code] : undefined;
}

/** Codes of an error and of all that it was caused by, the outermost first; its name where it has none. */
function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const own = ["originalCode", "code", "name"].map((name): unknown => Reflect.get(error, name));
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [
    ...own.filter((code) => typeof code === "string"),
    ...inner.flatMap((cause: unknown) => codesOf(cause)),
  ];
}
