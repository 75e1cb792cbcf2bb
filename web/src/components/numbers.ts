const integers = new Intl.NumberFormat("en-US");

/** 15048 as "15,048". */
export function formatCount(n: number): string {
  return integers.format(n);
}

/** "1 host", "15,048 hosts". */
export function counted(n: number, one: string): string {
  return `${formatCount(n)} ${n === 1 ? one : `${one}s`}`;
}

/** "1 address", "15,048 addresses", of what a list calls its rows. */
export function countedOf(n: number, several: string): string {
  return n === 1 ? `1 ${several.replace(/(?<=ss)es$|s$/, "")}` : `${formatCount(n)} ${several}`;
}

/** The same of a whole list: "1 device", "all 130 devices". */
export function countedAll(n: number, several: string): string {
  return n === 1 ? countedOf(n, several) : `all ${countedOf(n, several)}`;
}

/** Bytes with three digits at most, in powers of 1000: "1.2 MB". */
export function formatBytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${units[unit]}`;
}
