/** What was asked before the app's code had come, by its URL; each answer is taken once. */
const asked = new Map<string, Promise<Response | undefined>>();

/** Asks for something of the API that the app will want. */
export function askEarly(path: string): void {
  const url = new URL(path, window.location.origin);
  asked.set(
    url.href,
    readWhole(url).catch(() => undefined),
  );
}

/** An answer that nobody takes is read to its end all the same, or it would never be over. */
async function readWhole(url: URL): Promise<Response> {
  const answer = await fetch(url);
  return new Response(await answer.blob(), answer);
}

/**
 * As fetch, with the answer to what was already asked. What the app changes, as a sign-in does,
 * makes all earlier answers void.
 */
export async function fetchOrTake(request: Request): Promise<Response> {
  if (request.method !== "GET") asked.clear();
  const early = asked.get(request.url);
  asked.delete(request.url);
  return (await early) ?? fetch(request);
}

const key = "spoor.signedIn";

/** Whether somebody was signed in when this browser last heard of it: the cookie is not seen. */
export function wasSignedIn(): boolean {
  return localStorage.getItem(key) !== null;
}

export function keepSignedIn(signedIn: boolean): void {
  if (signedIn) localStorage.setItem(key, "yes");
  else localStorage.removeItem(key);
}
