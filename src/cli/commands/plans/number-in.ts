/** The number that a text is; any other text as it is, for whoever checks the value to refuse. */
export function numberIn(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/u.test(text) ? Number(text) : text;
}
