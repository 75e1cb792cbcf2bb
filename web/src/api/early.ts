/** What was asked before the app's code had come, by its URL; each answer is taken once. */
const asked = new Map<string, Promise<Response | undefined>>();

/** Asks for something of the API that the app will want. */
export function askEarly(path: string): void {
  const answer = fetch(new URL(path, window.location.origin));
  asked.set(
    new URL(path, window.location.origin).href,
    answer.catch(() => undefined),
  );
}

/**
 * As fetch, with the answer to what was already asked; a refusal is asked for again, and what
 * the app changes makes all earlier answers void.
 */
export async function fetchOrTake(request: Request): Promise<Response> {
  if (request.method !== "GET") asked.clear();
  const early = asked.get(request.url);
  asked.delete(request.url);
  const answer = await early;
  return answer?.ok ? answer : fetch(request);
}
