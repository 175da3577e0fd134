import { safeParse, type BaseIssue, type BaseSchema } from "valibot";
import { OfficialError } from "./official-error.ts";
import { validationWords } from "./validation-words.ts";

const longestBody = 16 * 1024 * 1024;

/**
 * The JSON body of a request as a schema has it; an empty body is `{}`, and its content type does not matter.
 * Rejects with the official words about what is wrong.
 */
export async function readBody<T>(
  request: Request,
  schema: BaseSchema<unknown, T, BaseIssue<unknown>>,
): Promise<T> {
  const result = safeParse(schema, parseJson(await readText(request)), { abortEarly: true });
  if (result.success) return result.output;
  throw new OfficialError(validationWords(result.issues[0]));
}

async function readText({ body }: Request): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    length += chunk.length;
    if (length > longestBody) throw new OfficialError("The body of the request is too long");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new OfficialError("Invalid json");
    throw error;
  }
}
