import type { Headline, Term } from "@/api/entities";

/** A stretch of the answer line from an offset on; those that say a number carry its term. */
interface Phrase {
  at: number;
  text: string;
  term?: Term;
}

/**
 * Finds the words of the terms in the line, in the order of the terms, so that every number
 * can say what it is. A term without words in the line is left out.
 */
export function phrases({ text, terms }: Headline): Phrase[] {
  const result: Phrase[] = [];
  let end = 0;
  for (const term of terms ?? []) {
    const at = term.words ? text.indexOf(term.words, end) : -1;
    if (!term.words || at < 0) continue;
    if (at > end) result.push({ at: end, text: text.slice(end, at) });
    result.push({ at, text: term.words, term });
    end = at + term.words.length;
  }
  if (end < text.length) result.push({ at: end, text: text.slice(end) });
  return result;
}

/** Cuts words into stretches with and without figures, for figures are set bold. */
export function figures(words: string): { at: number; text: string; bold: boolean }[] {
  let at = 0;
  return words
    .split(/((?<![\w.:-])\d[^\s()]*(?: \d[^\s()]*)*)/)
    .map((text, i) => {
      at += text.length;
      return { at: at - text.length, text, bold: i % 2 === 1 };
    })
    .filter(({ text }) => text !== "");
}
