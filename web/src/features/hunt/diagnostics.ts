import { ApiError } from "@/api/client";
import type { Diagnostic } from "@/api/query";

/** The faults that a refusal finds in the query's text; none when it is about something else. */
export function diagnosticsOf(error: Error): Diagnostic[] {
  return error instanceof ApiError ? (error.problem.diagnostics ?? []) : [];
}

/** How many characters of its first line a fault is about. */
export function lengthOf({ line, column, endLine, endColumn }: Diagnostic): number {
  return endLine === line ? endColumn - column : Number.POSITIVE_INFINITY;
}
