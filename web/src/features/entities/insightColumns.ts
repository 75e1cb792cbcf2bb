/**
 * What the columns of curated queries name: the files in content/insights use these words for
 * nothing else. A host is an address or a name.
 */
const entities: Record<
  string,
  "device" | "account" | "domain" | "url" | "hash" | "host" | undefined
> = {
  Account: "account",
  Address: "host",
  Answer: "host",
  Client: "host",
  Computer: "device",
  Device: "device",
  Domain: "domain",
  From: "host",
  MD5: "hash",
  SHA1: "hash",
  SHA256: "hash",
  Server: "host",
  To: "host",
  URL: "url",
};

/** The kind of entity that a column of a curated query names. */
export function entityOfColumn(name: string) {
  return entities[name];
}

const counts = ["Claims", "Clients", "CommandLines", "Devices", "Hosts", "Peers", "Records"];

/** Whether a column of a curated query is a number to compare down the table. */
export function isCount(name: string): boolean {
  return counts.includes(name) || name.startsWith("Bytes");
}

/** Whether a text is a whole number that is shown exactly. */
export function isWhole(text: string): boolean {
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text));
}

/** Whether a column of a curated query is the time of a record. */
export function isMoment(name: string): boolean {
  return name === "First" || name === "Last";
}

/**
 * The least width (px) of a column of these texts: that of the longest word, so that none is
 * broken while there is room, and no more than leaves room for the other columns.
 */
export function widthOf(texts: readonly string[], name: string): number {
  const longest = Math.max(0, ...texts.flatMap((text) => text.split(/\s/)).map((w) => w.length));
  const menu = entityOfColumn(name) === undefined ? 0 : 17;
  return Math.min(180, Math.ceil(12 + menu + 6.5 * longest));
}

/** The name of a column in words: "UserAgent" is "User agent", "EventID" is "Event ID". */
export function columnWords(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .split(" ")
    .map((word, i) => (i === 0 || word === word.toUpperCase() ? word : word.toLowerCase()))
    .join(" ");
}
