/** What a live test of a place looks at, in this order; a kind leaves out what it does not have. */
export type DiagnosisSubject =
  /** The program that reaches such places is installed. */
  | "program"
  /** The name of the host leads to an address. */
  | "name"
  /** Something answers there. */
  | "port"
  /** It is the host that it was: its key or certificate. */
  | "host-key"
  | "sign-in"
  /** The share, bucket or folder is there. */
  | "path"
  /** We may write, read and remove. */
  | "permission"
  /** The other devices that it goes on to from there are connected. */
  | "devices"
  | "space";

export interface DiagnosisStep {
  readonly subject: DiagnosisSubject;
  readonly ok: boolean;
  /** What was found, as a sentence without full stop; no secret. */
  readonly message: string;
  /** What to do about it, as a sentence without full stop. */
  readonly advice?: string;
}
