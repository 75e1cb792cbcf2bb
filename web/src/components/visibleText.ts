/** A stretch of text that may be shown as it is, or one character that must be spelled out. */
export interface Piece {
  text: string;
  hidden: boolean;
}

// What changes how a line reads without being seen itself: control and format characters
// (the bidirectional controls are among these), line separators, what Unicode lets a
// renderer ignore, and halves of surrogate pairs. Tabs and line feeds are plain text.
const hidden = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\t\n]]/gv;

/** Splits a text so that characters which would not be seen can be shown by their code. */
export function visibleText(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), hidden: false });
    pieces.push({ text: codePoint(match[0]), hidden: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hidden: false });
  return pieces;
}

/** The beginning of a text, of at most so many UTF-16 units; no character is cut in two. */
export function startOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 1 : most);
}

function codePoint(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The same as one text, for places that show no more than a text: a canvas, a title. */
export function plainText(text: string): string {
  return visibleText(text)
    .map((piece) => piece.text)
    .join("");
}
