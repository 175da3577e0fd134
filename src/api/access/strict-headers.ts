import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/**
 * Headers that keep a browser strict: everything comes from here, nothing is framed by strangers, no address is
 * passed on. No `Strict-Transport-Security`: it counts for all ports of a host, and Home Assistant's own is
 * often plain HTTP.
 */
export function strictHeaders(): MiddlewareHandler {
  const self = ["'self'"];
  return secureHeaders({
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      defaultSrc: self,
      imgSrc: ["'self'", "data:"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: self,
      // As an ingress page the panel stands in a frame of Home Assistant's own origin.
      frameAncestors: self,
    },
  });
}
