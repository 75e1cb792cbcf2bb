/** What of a page's document its link can ask for otherwise than by default. */
const scoping = ["range", "from", "to", "site", "role"];

/** What the page at an address will ask of the API before it can show anything. */
export function earlyOf({ pathname, search }: Pick<Location, "pathname" | "search">): string[] {
  const paths = ["/api/session", "/api/preferences"];
  const [, kind, id] = /^\/(ip|entity\/[a-z]+)\/([^/]+)$/.exec(pathname) ?? [];
  const words = new URLSearchParams(search);
  if (kind !== undefined && id !== undefined && !scoping.some((word) => words.has(word))) {
    const name = encodeURIComponent(decodeURIComponent(id));
    paths.push(`/api/entities/${kind.replace("entity/", "")}/${name}`);
  }
  return paths;
}
