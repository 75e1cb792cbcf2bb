/** A step on the way to a page; the last one is the page itself. */
export interface Crumb {
  text: string;
  /** Whether somebody outside may have written it. */
  untrusted?: boolean;
}

const pages: Record<string, string> = {
  "/triage": "Triage",
  "/query": "Query",
  "/sources": "Sources",
};

/**
 * The way from the home page to a page, without the home page; none for what is no page.
 * kinds are the names of the kinds of entities.
 */
export function crumbsOf(path: string, kinds: Readonly<Record<string, string>>): Crumb[] {
  const page = pages[path];
  if (page !== undefined) return [{ text: page }];
  const [first, ...rest] = path.split("/").slice(1).map(decoded);
  const [kind, id] =
    first === "ip" ? ["ip", rest.join("/")] : [rest[0] ?? "", rest.slice(1).join("/")];
  const name = kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if ((first !== "ip" && first !== "entity") || !id || name === undefined) return [];
  return [{ text: name }, { text: id, untrusted: true }];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
