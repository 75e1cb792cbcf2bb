import { periodOfDays } from "@/time/range";

/** The equal period before, of the same entity. */
export const previous = "previous";

/** What a view is compared with, as the server takes it; nothing: the equal period before. */
export interface Other {
  with?: string;
  withFrom?: string;
  withTo?: string;
}

/** An entity of the same kind, "" for the same one, and whole UTC days, "" for the page's own period. */
export interface ChosenOther {
  id: string;
  first: string;
  last: string;
}

const none: ChosenOther = { id: "", first: "", last: "" };

/** What a link says to compare with: "203.0.113.9", "@2024-01-01..2024-01-31", or both. */
export function compareWord({ id, first, last }: ChosenOther): string | undefined {
  const days = first !== "" && last !== "" ? `@${first}..${last}` : "";
  return `${id.trim()}${days}` || undefined;
}

/** Reads such a word. */
export function chosenOther(word: string | undefined): ChosenOther {
  if (word === undefined || word === previous) return none;
  const parts = /^(.*?)(?:@(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d))?$/s.exec(word);
  return { id: parts?.[1] ?? "", first: parts?.[2] ?? "", last: parts?.[3] ?? "" };
}

/** What to ask the server for. */
export function otherOf(word: string | undefined): Other {
  const { id, first, last } = chosenOther(word);
  const period = first === "" || last === "" ? undefined : periodOfDays(first, last);
  return { with: id || undefined, withFrom: period?.from, withTo: period?.to };
}
