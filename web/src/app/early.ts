/** What of a page's document its link can ask for otherwise than by default. */
const scoping = ["range", "from", "to", "site", "role"];

/**
 * What the page at an address will ask of the API before it can show anything. Where nobody is
 * likely to be signed in, all but the session would be asked for in vain.
 */
export function earlyOf(
  { pathname, search }: Pick<Location, "pathname" | "search">,
  signedIn: boolean,
): string[] {
  if (!signedIn) return ["/api/session"];
  const paths = ["/api/session", "/api/preferences"];
  const [, kind, id] = /^\/(ip|entity\/[a-z]+)\/([^/]+)$/.exec(pathname) ?? [];
  const words = new URLSearchParams(search);
  const name = id === undefined ? undefined : asTheClientWrites(id);
  if (kind !== undefined && name !== undefined && !scoping.some((word) => words.has(word))) {
    paths.push(`/api/entities/${kind.replace("entity/", "")}/${name}`);
  }
  return paths;
}

/** A part of a path, escaped as the API's client does it; undefined where it is malformed. */
function asTheClientWrites(part: string): string | undefined {
  try {
    return encodeURIComponent(decodeURIComponent(part));
  } catch {
    return undefined;
  }
}
