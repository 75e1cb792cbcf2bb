/**
 * What a link says of the columns of a tab's small tables: "dns:name,data;services:port".
 * Each table has the word that a single list's link has.
 */
export function wordOfTable(words: string | undefined, table: string): string | undefined {
  return tables(words).get(table);
}

/** The same with another word for a table; undefined takes it out. */
export function withWordOfTable(
  words: string | undefined,
  table: string,
  word: string | undefined,
): string | undefined {
  const all = tables(words);
  if (word === undefined) all.delete(table);
  else all.set(table, word);
  return [...all].map(([name, w]) => `${name}:${encodeURIComponent(w)}`).join(";") || undefined;
}

function tables(words = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const part of words.split(";")) {
    const [name = "", word = ""] = part.split(":");
    if (name !== "" && word !== "") all.set(name, decoded(word));
  }
  return all;
}

/** A link may be typed by hand. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
