/** One event as a server sends it. */
export interface ServerSentEvent {
  /** `message` where the server gives none. */
  readonly event: string;
  readonly data: string;
}

/** No event of ours comes near it; what sends more is no server of ours. */
const longestEvent = 16 * 1024 * 1024;

/**
 * The events of a stream, however its bytes are cut into pieces. Comments and events without data are passed
 * over, as is one that the end of the stream cuts off. Rejects with `RangeError` for an event that does not end.
 */
export async function* serverSentEvents(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let event = "";
  let data: string[] = [];
  for await (const line of linesOf(pieces)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n") };
      event = "";
      data = [];
      continue;
    }
    const { field, value } = fieldOf(line);
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
}

/** A line begins with the name of its field; a comment has an empty one. */
function fieldOf(line: string): { readonly field: string; readonly value: string } {
  const colon = line.indexOf(":");
  if (colon === -1) return { field: line, value: "" };
  const value = line.slice(colon + 1);
  return { field: line.slice(0, colon), value: value.startsWith(" ") ? value.slice(1) : value };
}

/** Lines end with CR, LF or both; a CR at the end of a piece may have its LF in the next one. */
async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  // It takes the mark of byte order off, as the format wants it.
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    rest += decoder.decode(piece, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > longestEvent) throw new RangeError("An event does not end");
  }
  if (rest.endsWith("\r")) yield rest.slice(0, -1);
}
