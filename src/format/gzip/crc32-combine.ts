/** 32 columns of a 32 × 32 matrix over GF(2): what each bit of a CRC becomes. */
type Matrix = Uint32Array;

/** The reversed CRC-32 polynomial of gzip (RFC 1952, section 8). */
const polynomial = 0xedb88320;

/** A stream has chunks of one length and a last one of another; more lengths than this are odd. */
const cachedLengths = 64;

const cache = new Map<number, Matrix>();

/**
 * CRC-32 of two pieces joined.
 * @param first CRC-32 of the first piece
 * @param second CRC-32 of the second piece
 * @param secondLength bytes of the second piece
 */
export function combineCrc32(first: number, second: number, secondLength: number): number {
  return (apply(zerosMatrix(secondLength), first) ^ second) >>> 0;
}

/** What `length` zero bytes do to a CRC. */
function zerosMatrix(length: number): Matrix {
  const known = cache.get(length);
  if (known !== undefined) return known;
  let result = identity();
  let power = oneZeroByte();
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(power, result);
    power = multiply(power, power);
  }
  if (cache.size >= cachedLengths) cache.clear();
  cache.set(length, result);
  return result;
}

function identity(): Matrix {
  return Uint32Array.from({ length: 32 }, (_, bit) => 2 ** bit);
}

function oneZeroByte(): Matrix {
  const oneBit = Uint32Array.from({ length: 32 }, (_, bit) =>
    bit === 0 ? polynomial : 2 ** (bit - 1),
  );
  const twoBits = multiply(oneBit, oneBit);
  const fourBits = multiply(twoBits, twoBits);
  return multiply(fourBits, fourBits);
}

function multiply(left: Matrix, right: Matrix): Matrix {
  return right.map((column) => apply(left, column));
}

function apply(matrix: Matrix, vector: number): number {
  let sum = 0;
  for (let bit = 0, rest = vector; rest !== 0; bit += 1, rest >>>= 1) {
    if ((rest & 1) === 1) sum ^= matrix[bit] ?? 0;
  }
  return sum >>> 0;
}
