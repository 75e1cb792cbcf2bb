import { ApiError } from "@/api/client";

/** Why somebody could not sign in, as a heading and a sentence. */
export function failureOf(error: Error): { title: string; reason: string } {
  if (!(error instanceof ApiError)) {
    return { title: "The server could not be reached", reason: error.message };
  }
  switch (error.status) {
    case 401:
      return { title: "Not signed in", reason: error.message };
    case 403:
      return { title: "This account may not sign in", reason: error.message };
    case 429:
      return { title: "Too many attempts", reason: error.message };
    default:
      return { title: "That did not work", reason: error.message };
  }
}
