import { S3Client } from "@aws-sdk/client-s3";
import { SendingHandler, type TellSent } from "./sending-handler.ts";
import { regionToldBy } from "./s3-error.ts";
import type { S3Settings } from "./settings.ts";
import { trusting } from "./trusted-certificates.ts";

/** What every command is sent with. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
}

/**
 * Sends commands to the server. Where no region is set, it finds out the one of the bucket, which servers tell when they
 * are asked for another. The SDK repeats what failed for a reason that may pass, and corrects a clock that is wrong.
 */
export class S3Connection {
  readonly #settings: S3Settings;
  readonly #handler: SendingHandler;
  #client: S3Client;
  #region: string;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    const httpsAgent = trusting(settings.certificate);
    this.#handler = new SendingHandler({ connectionTimeout: connectInMs, httpsAgent });
    this.#region = settings.likelyRegion;
    this.#client = this.#clientIn(this.#region);
  }

  get region(): string {
    return this.#region;
  }

  /** The time at the server, as its last answer told it; in milliseconds since 1970. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  /** Milliseconds that the server's clock is ahead of ours, once it was wrong enough to be noticed. */
  get clockOffset(): number {
    return this.#client.config.systemClockOffset;
  }

  /** Does the work; its failures come out as the SDK has them. */
  async ask<Output>(
    work: (client: S3Client, options: SendOptions) => Promise<Output>,
    signal: AbortSignal,
  ): Promise<Output> {
    signal.throwIfAborted();
    const options = { abortSignal: signal };
    const asked = this.#region;
    try {
      return await work(this.#client, options);
    } catch (error) {
      signal.throwIfAborted();
      this.#learnRegion(error);
      if (this.#region === asked) throw error;
    }
    return work(this.#client, options);
  }

  /** Tells how the bytes of a body leave. */
  watch(body: Uint8Array, sent: TellSent): void {
    this.#handler.watch(body, sent);
  }

  #learnRegion(error: unknown): void {
    const told = regionToldBy(error);
    if (this.#settings.region !== undefined || told === undefined || told === this.#region) return;
    this.#region = told;
    this.#client = this.#clientIn(told);
  }

  /** Says everything that the SDK would else look for in files and variables of AWS' own programs. */
  #clientIn(region: string): S3Client {
    const { endpoint, pathStyle, accessKeyId, secretAccessKey, sessionToken } = this.#settings;
    const client = new S3Client({
      region,
      ...(endpoint === undefined ? {} : { endpoint: endpoint.origin }),
      forcePathStyle: pathStyle,
      credentials: {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
      },
      maxAttempts: 5,
      retryMode: "standard",
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      disableMultiregionAccessPoints: true,
      // We bring checksums of our own; servers that are not AWS stumble over those of the SDK.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // Each such request would need a connection of its own.
      expectContinueHeader: false,
      userAgentAppId: "safehouse",
      requestHandler: this.#handler,
    });
    leaveBodiesUnsigned(client);
    return client;
  }
}

/**
 * Leaves the bytes of a body out of the signature, which else takes a SHA-256 of them, the slowest hash of all on machines
 * without instructions for it. The checksum beside the bytes is signed, and the server compares them with it.
 */
function leaveBodiesUnsigned(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { readonly request: { headers: Record<string, string> } };
      if ("Body" in args.input) request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
      return next(args);
    },
    { step: "build", name: "leaveBodiesUnsigned" },
  );
}

const connectInMs = 20_000;
