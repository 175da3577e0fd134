import { SafehouseError, type Problem, type ProblemDetails } from "#core/model/problem.ts";

/** What an answer says besides its problem. */
export interface HttpAnswer {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Headers of the answer, such as `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpProblemText extends ProblemDetails {
  readonly problem: Problem;
  /** As of every `SafehouseError`. */
  readonly message: string;
}

/** A failure whose status the protocol decides rather than its problem, such as 401. */
export class HttpProblem extends SafehouseError {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer, { problem, message, ...details }: HttpProblemText) {
    super(problem, message, details);
    this.answer = answer;
  }
}
