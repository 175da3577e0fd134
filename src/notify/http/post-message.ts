import { SafehouseError } from "#core/model/problem.ts";
import type { ChannelTools } from "../channel-tools.ts";
import { connectionError } from "../connection-error.ts";
import { answerError } from "./answer-error.ts";
import { ProgressLimit } from "./progress-limit.ts";

export interface PostedMessage {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const longestAnswer = 1024;

/**
 * Posts a message and returns the beginning of the answer, 1 KiB at most. No redirect is followed: it could lead the
 * message, and what opens the door to the receiver, to another host.
 * Rejects as `NotificationChannel.send` does.
 */
export async function postMessage(
  { url, headers, body }: PostedMessage,
  tools: ChannelTools,
  signal: AbortSignal,
): Promise<string> {
  using limit = new ProgressLimit(url.host, tools, signal);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "User-Agent": "Safehouse", ...headers },
      body,
      redirect: "manual",
      signal: limit.signal,
    });
    limit.moved();
    const refusal = answerError(answer, url);
    if (refusal === undefined) return await beginning(answer, signal);
    await answer.body?.cancel();
    throw refusal;
  } catch (error) {
    if (limit.signal.aborted) throw limit.signal.reason;
    if (error instanceof SafehouseError) throw error;
    throw connectionError(error, url.host);
  }
}

/**
 * What came of the answer in time. The message was taken when its head arrived: if the rest does not come, it would be
 * wrong to send the message again.
 */
async function beginning(answer: Response, signal: AbortSignal): Promise<string> {
  if (answer.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    // Leaving the loop cancels what has not come yet.
    for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= longestAnswer) break;
    }
  } catch {
    signal.throwIfAborted();
  }
  return text.slice(0, longestAnswer);
}
