/** Uploads that somebody in this process is at work on, by the names that servers gave them. */
export const livingUploads = new Set<string>();
