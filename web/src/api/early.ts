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
 * As fetch, with the answer to what was already asked. What nobody was signed in for is asked
 * again, and what the app changes makes all earlier answers void.
 */
export async function fetchOrTake(request: Request): Promise<Response> {
  if (request.method !== "GET") asked.clear();
  const early = asked.get(request.url);
  asked.delete(request.url);
  const answer = await early;
  return answer === undefined || answer.status === 401 ? fetch(request) : answer;
}
