import { Failure } from "@/components/states";

/** Shown when a page breaks while it is drawn; the rest of the app stays. */
export function RouteFailure({ error }: { error: unknown }) {
  return (
    <Failure
      page
      title="This page could not be shown"
      error={error instanceof Error ? error : String(error)}
    />
  );
}
