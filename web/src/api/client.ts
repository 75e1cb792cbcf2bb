import createClient from "openapi-fetch";
import { fetchOrTake } from "./early";
import { serverLost } from "./reach";
import type { components, paths } from "./schema.gen";

type Problem = components["schemas"]["Problem"];

/** A request that the server refused, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }
}

/** What the client must know of the session to send changes, and whom to tell of its end. */
export const session = {
  csrfToken: "",
  onExpired: () => {},
};

export const client = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: fetchOrTake,
});

client.use({
  onRequest({ request }) {
    if (request.method !== "GET" && session.csrfToken !== "") {
      request.headers.set("X-CSRF-Token", session.csrfToken);
    }
    return request;
  },
  onResponse({ response, schemaPath }) {
    // The session's own calls answer 401 to say "wrong password" or "nobody is signed in".
    if (response.status === 401 && !schemaPath.startsWith("/api/session")) session.onExpired();
  },
  onError({ error }) {
    // So fetch says that nothing answered; what was cancelled has another error.
    if (error instanceof TypeError) serverLost();
  },
});

interface Answer<T> {
  data?: T;
  error?: Partial<Problem>;
  response: Response;
}

/** Unwraps an answer: its data, or the problem thrown as an ApiError. */
export function take<T>({ data, error, response }: Answer<T>): T {
  if (!response.ok || data === undefined) throw new ApiError(response.status, error ?? {});
  return data;
}

/** As take, for calls that answer without a body. */
export function done({ error, response }: Answer<unknown>): void {
  if (!response.ok) throw new ApiError(response.status, error ?? {});
}
