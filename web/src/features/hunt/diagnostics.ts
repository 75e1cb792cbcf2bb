import { ApiError } from "@/api/client";

/** A fault in a query's text. */
export interface Diagnostic {
  message: string;
  line: number;
  column: number;
  length: number;
}

/** The faults that a refusal names; none when it is about something else. */
export function diagnosticsOf(error: Error): Diagnostic[] {
  if (!(error instanceof ApiError)) return [];
  return (error.problem.errors ?? []).flatMap(({ message, location }) => {
    const place = /^query:(\d+):(\d+)(?::(\d+))?$/.exec(location ?? "");
    if (!place || !message) return [];
    return [
      { message, line: Number(place[1]), column: Number(place[2]), length: Number(place[3] ?? 1) },
    ];
  });
}
