import { getCACertificates } from "node:tls";

/** Options of a connection that trusts one more certificate than everybody does; none without one. */
export function trusting(certificate: string | undefined): { readonly ca?: string[] } {
  return certificate === undefined ? {} : { ca: [...getCACertificates(), certificate] };
}
