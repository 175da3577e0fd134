/**
 * Answers a `GET` or a `HEAD` of a folder: for whoever has typed its address into a browser, and for clients that ask so
 * whether there is one (aiowebdav2 before 0.4).
 */
export function folderAnswer(): Response {
  const text = "This is a folder for file explorers: open its address as a WebDAV folder.\n";
  return new Response(text, {
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  });
}
