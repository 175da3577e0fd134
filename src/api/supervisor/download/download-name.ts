/** Name of the file that a browser saves: that of the archive, or the backup's where the archive's says nothing. */
export function downloadName(fileName: string, backup: { slug: string; name: string }): string {
  if (fileName !== `${backup.slug}.tar`) return fileName;
  return `${backup.name.replaceAll(/[^A-Za-z0-9]+/g, "_")}.tar`;
}

/** As a header has it, with the name also for programs that know only ASCII. */
export function contentDisposition(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  if (plain === name) return `attachment; filename="${plain}"`;
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
