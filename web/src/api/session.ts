import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, client, done, session, take } from "./client";
import { keepSignedIn } from "./early";
import type { components } from "./schema.gen";

export type Session = components["schemas"]["Session"];

/** The session, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return keep(take(await client.GET("/api/session", { signal })));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        keepSignedIn(false);
        return null;
      }
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export async function signIn(user: string, password: string): Promise<Session> {
  return keep(take(await client.POST("/api/session", { body: { user, password } })));
}

export async function setPassword(current: string, next: string): Promise<void> {
  done(await client.POST("/api/session/password", { body: { current, new: next } }));
}

export async function signOut(): Promise<void> {
  done(await client.DELETE("/api/session"));
  session.csrfToken = "";
  keepSignedIn(false);
}

/** Whether somebody may change what people here share: notes, marks, ranges, lists. */
export function mayChange(session: Session | null | undefined): boolean {
  return session?.role === "admin" || session?.role === "analyst";
}

/** From now on an answer 401 ends the session in the cache, and with it on the screen. */
export function endSessionOn401(cache: QueryClient): void {
  session.onExpired = () => {
    session.csrfToken = "";
    keepSignedIn(false);
    cache.setQueryData(sessionQuery.queryKey, null);
  };
}

function keep(s: Session): Session {
  session.csrfToken = s.csrfToken;
  keepSignedIn(true);
  return s;
}
