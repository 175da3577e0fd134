const text = "text/plain; charset=utf-8";

const types: Readonly<Record<string, string>> = {
  yaml: text,
  yml: text,
  txt: text,
  log: text,
  conf: text,
  ini: text,
  md: text,
  py: text,
  sh: text,
  csv: "text/csv; charset=utf-8",
  json: "application/json",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
};

/** A guess by the end of the name; nothing that a browser would run. */
export function contentTypeOf(name: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(types, extension)
    ? (types[extension] ?? "application/octet-stream")
    : "application/octet-stream";
}
