/** Bounds on what an archive may claim, so that a hostile one costs no memory. */

/** Bytes of one PAX header. */
export const largestPaxHeader = 1024 * 1024;
/** Bytes of a path or of a link's target; Linux itself stops at 4096. */
export const largestNameLength = 64 * 1024;
/** Bytes of one member: 1 PiB. Sums of such sizes are still exact in a double. */
export const largestTarSize = 2 ** 50;
