import { failureOf } from "./s3-error.ts";
import { bareEtag } from "./stored-object.ts";

/** Which newer parts of S3 a request uses. */
export interface Form {
  /** A CRC-32 beside the bytes, that the server compares and keeps; else the MD5 that every server knows. */
  readonly checksums: boolean;
  /** `If-None-Match: *`, by which the server itself refuses to replace an object. */
  readonly conditional: boolean;
}

/**
 * What a server understands. It is found out by asking: what a server refuses to do with everything is tried with less,
 * and the first form that it takes is kept.
 */
export class Dialect {
  #form: Form = { checksums: true, conditional: true };

  /** Whether ETags were seen to be the MD5s of what was sent; undefined as long as none was compared. */
  etagsAreMd5: boolean | undefined;

  /** The server takes checksums without a word, and does nothing with them. */
  leaveChecksums(): void {
    this.#form = { ...this.#form, checksums: false };
  }

  /** @param md5 what was sent, in base64 */
  compareEtag(etag: string | undefined, md5: string): void {
    const isMd5 = bareEtag(etag) === Buffer.from(md5, "base64").toString("hex");
    this.etagsAreMd5 = isMd5 && this.etagsAreMd5 !== false;
  }

  /** Rejects as the first try does, if nothing helps. */
  async speak<Output>(work: (form: Form) => Promise<Output>): Promise<Output> {
    try {
      return await work(this.#form);
    } catch (error) {
      if (!isRefusalOfForm(error)) throw error;
      for (const form of simplerForms(this.#form)) {
        const attempt = await settled(work(form));
        if ("output" in attempt) {
          this.#form = form;
          return attempt.output;
        }
        if (!isRefusalOfForm(attempt.error)) throw attempt.error;
      }
      throw error;
    }
  }
}

function simplerForms({ checksums, conditional }: Form): readonly Form[] {
  const forms: Form[] = [];
  if (checksums) forms.push({ checksums: false, conditional });
  if (conditional) forms.push({ checksums, conditional: false });
  if (checksums && conditional) forms.push({ checksums: false, conditional: false });
  return forms;
}

async function settled<Output>(
  work: Promise<Output>,
): Promise<{ readonly output: Output } | { readonly error: unknown }> {
  try {
    return { output: await work };
  } catch (error) {
    return { error };
  }
}

/** Servers say in many ways that they do not know a header. */
function isRefusalOfForm(error: unknown): boolean {
  const failure = failureOf(error);
  if (failure === undefined) return false;
  return failure.status === 501 || (failure.status === 400 && refusals.has(failure.code));
}

const refusals: ReadonlySet<string> = new Set([
  "InvalidArgument",
  "InvalidRequest",
  "NotImplemented",
  "UnsupportedHeader",
  "BadRequest",
]);
