/** Tables in linear memory, without the bounds checks and the collector of AssemblyScript's own arrays. */

export function u32At(table: usize, index: i32): u32 {
  return load<u32>(table + ((<usize>index) << 2));
}

export function setU32(table: usize, index: i32, value: u32): void {
  store<u32>(table + ((<usize>index) << 2), value);
}

export function u8At(table: usize, index: i32): u32 {
  return load<u8>(table + <usize>index);
}

/** Counts one more of a symbol. */
export function count(table: usize, symbol: i32): void {
  setU32(table, symbol, u32At(table, symbol) + 1);
}
