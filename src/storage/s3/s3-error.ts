/** What is known of an error of the SDK. */
export interface S3Failure {
  /** Code of S3, such as `NoSuchKey`; of answers without a body only what stands for their status. */
  readonly code: string;
  /** Status of the answer; undefined if none came. */
  readonly status: number | undefined;
  /** What the server says. */
  readonly message: string;
  /** How often it was tried. */
  readonly attempts: number;
}

/** Undefined for what is no error of a request. */
export function failureOf(error: unknown): S3Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const metadata = fieldOf(error, "$metadata");
  const status = fieldOf(metadata, "httpStatusCode");
  const attempts = fieldOf(metadata, "attempts");
  const code = fieldOf(error, "Code");
  return {
    code: typeof code === "string" ? code : error.name,
    status: typeof status === "number" ? status : undefined,
    message: error.message,
    attempts: typeof attempts === "number" ? attempts : 1,
  };
}

/** The region that the bucket is in, where the server tells it with its refusal. */
export function regionToldBy(error: unknown): string | undefined {
  const told = headerOf(error, "x-amz-bucket-region") ?? tellOf(error, "Region");
  return told !== undefined && /^[\w-]{1,64}$/.test(told) ? told : undefined;
}

/** The text of an element of the server's answer. */
export function tellOf(error: unknown, element: string): string | undefined {
  const told = fieldOf(error, element);
  return typeof told === "string" ? told : undefined;
}

/** A header of the answer. */
export function headerOf(error: unknown, name: string): string | undefined {
  const told = fieldOf(fieldOf(fieldOf(error, "$response"), "headers"), name);
  return typeof told === "string" ? told : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
