/** Prefix codes of limited length (RFC 1951, section 3.2.2). */
import { count, setU32, u32At, u8At } from "./deflate-tables.as";

const MAX_CODE_BITS: i32 = 15;

/** u32 per used symbol: count << 9 | symbol; sorted by count. */
const sortKeys: usize = memory.data(288 << 2, 16);
const nodeWeights: usize = memory.data((2 * 288) << 2, 16);
const nodeParents: usize = memory.data((2 * 288) << 2, 16);
/** How many codes have each length. */
const lengthTotals: usize = memory.data(64 << 2, 16);

/** Lengths of the best prefix code for these counts, none above `longest`. */
export function buildLengths(counts: usize, symbols: i32, longest: i32, lengths: usize): void {
  memory.fill(lengths, 0, symbols);
  const used = sortSymbols(counts, symbols);
  if (used == 0) return;
  if (used == 1) {
    store<u8>(lengths + (u32At(sortKeys, 0) & 511), 1);
    return;
  }
  joinNodes(used);
  measureDepths(used, longest);
  shortenCodes(longest);
  assignLengths(used, longest, lengths);
}

function sortSymbols(counts: usize, symbols: i32): i32 {
  let used = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const total = u32At(counts, symbol);
    if (total != 0) setU32(sortKeys, used++, (total << 9) | symbol);
  }
  for (let gap = 121; gap > 0; gap = (gap - 1) / 3) {
    for (let i = gap; i < used; i++) {
      const key = u32At(sortKeys, i);
      let j = i;
      for (; j >= gap && u32At(sortKeys, j - gap) > key; j -= gap) setU32(sortKeys, j, u32At(sortKeys, j - gap));
      setU32(sortKeys, j, key);
    }
  }
  return used;
}

/** Huffman's algorithm with two queues: leaves in order, and joined nodes, which come out in order too. */
function joinNodes(leaves: i32): void {
  for (let i = 0; i < leaves; i++) setU32(nodeWeights, i, u32At(sortKeys, i) >> 9);
  let leaf = 0;
  let joined = leaves;
  for (let node = leaves; node < 2 * leaves - 1; node++) {
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      const takeLeaf = leaf < leaves && (joined >= node || u32At(nodeWeights, leaf) <= u32At(nodeWeights, joined));
      const taken = takeLeaf ? leaf++ : joined++;
      weight += u32At(nodeWeights, taken);
      setU32(nodeParents, taken, node);
    }
    setU32(nodeWeights, node, weight);
  }
}

/** Counts leaves per depth, deeper ones at `longest`. */
function measureDepths(leaves: i32, longest: i32): void {
  const depths = nodeWeights;
  memory.fill(lengthTotals, 0, 64 << 2);
  const root = 2 * leaves - 2;
  setU32(depths, root, 0);
  for (let node = root - 1; node >= 0; node--) {
    const depth = u32At(depths, u32At(nodeParents, node)) + 1;
    setU32(depths, node, depth);
    if (node < leaves) count(lengthTotals, min(<i32>depth, longest));
  }
}

/** Cutting depths at `longest` over-fills the code space: lengthen other codes until they fit. */
function shortenCodes(longest: i32): void {
  let space: i32 = 0;
  for (let length = 1; length <= longest; length++) space += u32At(lengthTotals, length) << (longest - length);
  for (; space > 1 << longest; space--) {
    let length = longest - 1;
    while (u32At(lengthTotals, length) == 0) length--;
    setU32(lengthTotals, length, u32At(lengthTotals, length) - 1);
    setU32(lengthTotals, length + 1, u32At(lengthTotals, length + 1) + 2);
    setU32(lengthTotals, longest, u32At(lengthTotals, longest) - 1);
  }
}

/** The rarest symbols get the longest codes. */
function assignLengths(used: i32, longest: i32, lengths: usize): void {
  let next = 0;
  for (let length = longest; length > 0; length--) {
    for (let left = u32At(lengthTotals, length); left > 0; left--) {
      store<u8>(lengths + (u32At(sortKeys, next++) & 511), length);
    }
  }
}

const nextCodes: usize = memory.data(17 << 2, 16);

/**
 * Codes follow from their lengths. u32 per symbol: the code, reversed as deflate wants it, above its
 * length in the low byte; symbols without a code keep what they had.
 */
export function assignCodes(lengths: usize, symbols: i32, codes: usize): void {
  memory.fill(lengthTotals, 0, 64 << 2);
  for (let symbol = 0; symbol < symbols; symbol++) count(lengthTotals, u8At(lengths, symbol));
  setU32(lengthTotals, 0, 0);
  let code: u32 = 0;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    code = (code + u32At(lengthTotals, length - 1)) << 1;
    setU32(nextCodes, length, code);
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = u8At(lengths, symbol);
    if (length == 0) continue;
    setU32(codes, symbol, (reversed(u32At(nextCodes, length), length) << 8) | length);
    count(nextCodes, length);
  }
}

function reversed(code: u32, length: u32): u32 {
  let result: u32 = 0;
  for (let i: u32 = 0; i < length; i++) result |= ((code >> i) & 1) << (length - 1 - i);
  return result;
}
