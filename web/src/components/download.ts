import { valueText } from "./value";

interface Named {
  name: string;
  type: string;
}

/**
 * The result as CSV after RFC 4180. A text that a spreadsheet would run as a formula is
 * led by an apostrophe, for what stands in events was written by strangers.
 */
export function toCSV(columns: readonly Named[], rows: readonly (readonly unknown[])[]): string {
  const lines = [columns.map((c) => quote(c.name))];
  for (const row of rows) {
    lines.push(columns.map((c, i) => quote(harmless(c.type, exact(c.type, row[i])))));
  }
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** The result as a list of objects; columns of the same name are told apart by a number. */
export function toJSON(columns: readonly Named[], rows: readonly (readonly unknown[])[]): string {
  const names = unique(columns.map((c) => c.name));
  const objects = rows.map((row) =>
    Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])),
  );
  return `${JSON.stringify(objects, null, 1)}\n`;
}

// A download keeps the API's form of a datetime, which other programs read.
function exact(type: string, value: unknown): string {
  return type === "datetime" && typeof value === "string" ? value : valueText(type, value);
}

function harmless(type: string, text: string): string {
  return (type === "string" || type === "dynamic") && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function unique(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let n = 1; taken.has(free); n++) free = `${name}${n}`;
    taken.add(free);
    return free;
  });
}
