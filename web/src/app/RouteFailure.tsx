import { Failure } from "@/components/states";
import { isNotLoaded } from "./notLoaded";

/** Shown when a page breaks while it is drawn; the rest of the app stays. */
export function RouteFailure({ error }: { error: unknown }) {
  if (isNotLoaded(error)) {
    return (
      <Failure
        page
        title="This part of the app is not loaded yet"
        error="It comes by itself when the server answers."
      />
    );
  }
  return (
    <Failure
      page
      title="This page could not be shown"
      error={error instanceof Error ? error : String(error)}
    />
  );
}
