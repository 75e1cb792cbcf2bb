/** A line of a query, cut at the place that a fault is about. */
export interface MarkedLine {
  before: string;
  marked: string;
  after: string;
}

/**
 * The line with the place in it. Line and column count from 1, column and length in
 * characters (code points), as the server counts them. The mark is at least one character
 * wide and stays within the line; past the end it is a blank.
 */
export function markedLine(
  query: string,
  line: number,
  column: number,
  length: number,
): MarkedLine {
  const chars = Array.from(query.split(/\r?\n/)[line - 1] ?? "");
  const start = Math.min(Math.max(column - 1, 0), chars.length);
  const end = Math.min(start + Math.max(length, 1), chars.length);
  return {
    before: chars.slice(0, start).join(""),
    marked: start === end ? " " : chars.slice(start, end).join(""),
    after: chars.slice(end).join(""),
  };
}
