import type { Headline, Term } from "@/api/entities";

/** A stretch of the answer line; those that are a number of it carry its term. */
export interface Phrase {
  text: string;
  term?: Term;
}

/**
 * Finds the terms in the line, each at most once and in the order they are listed, so that
 * every number can say what it is. A term that does not stand in the line is left out.
 */
export function phrases({ text, terms }: Headline): Phrase[] {
  const result: Phrase[] = [];
  let end = 0;
  for (const term of terms ?? []) {
    const at = term.value === "" ? -1 : findWord(text, term.value, end);
    if (at < 0) continue;
    if (at > end) result.push({ text: text.slice(end, at) });
    result.push({ text: term.value, term });
    end = at + term.value.length;
  }
  if (end < text.length) result.push({ text: text.slice(end) });
  return result;
}

const wordCharacter = /[\p{L}\p{N}]/u;

/** The value standing alone: the 1 of "12" is not found for "1". */
function findWord(text: string, value: string, from: number): number {
  for (let at = text.indexOf(value, from); at >= 0; at = text.indexOf(value, at + 1)) {
    const before = text.charAt(at - 1);
    const after = text.charAt(at + value.length);
    if (!wordCharacter.test(before) && !wordCharacter.test(after)) return at;
  }
  return -1;
}
