/**
 * A string as a KQL literal; every character that could end it, or that would not
 * be seen in it, is escaped.
 */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    // Halves of a pair are escaped one by one, as KQL has it.
    Array.from({ length: char.length }, (_, i) => char.charCodeAt(i))
      .map((c) => `\\u${c.toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
