import { maxLength, pipe, regex, string } from "valibot";

export const planId = pipe(string(), maxLength(64), regex(/^[a-z0-9_-]+$/));
