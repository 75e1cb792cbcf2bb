/** A number of addresses, as decimal text, for people: with commas, or as a power of two. */
export function sizeWords(decimal: string): string {
  if (!/^\d+$/.test(decimal)) return "";
  const n = BigInt(decimal);
  const bits = n.toString(2);
  if (bits.length > 40 && /^10*$/.test(bits)) return `2^${bits.length - 1} addresses`;
  return `${n.toLocaleString("en-US")} ${n === 1n ? "address" : "addresses"}`;
}
