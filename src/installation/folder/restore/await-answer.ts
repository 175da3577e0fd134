import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

const pauseInMs = 1000;
const patienceInMs = 5000;

export interface AnswerOptions {
  readonly limitInMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a web server until it answers with anything but a failure of its own (5xx). Its certificate is not
 * checked: nothing is sent that it should not see.
 * @returns undefined once it answers, or why it did not
 */
export async function awaitAnswer(
  url: string,
  options: AnswerOptions,
): Promise<string | undefined> {
  const end = performance.now() + options.limitInMs;
  for (;;) {
    const failure = await ask(url);
    if (failure === undefined) return undefined;
    if (options.signal.aborted) return `${failure}; waiting for it was cancelled`;
    if (performance.now() >= end) return failure;
    await pauseUnless(options.signal);
  }
}

function ask(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { rejectUnauthorized: false, timeout: patienceInMs };
    const request = url.startsWith("https:")
      ? requestHttps(url, options)
      : requestHttp(url, options);
    request.on("response", (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(statusCode < 500 ? undefined : `it answers with ${statusCode}`);
      request.destroy();
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 seconds")));
    request.on("error", (error) => resolve(error.message));
    request.end();
  });
}

/** Ends early when waiting is over for another reason. */
async function pauseUnless(signal: AbortSignal): Promise<void> {
  try {
    await pause(pauseInMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
