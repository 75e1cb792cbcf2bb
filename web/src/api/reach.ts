import { onlineManager } from "@tanstack/react-query";

/** How long (ms) to wait before asking again whether the server is back. */
const pause = 1000;

/** For how long (ms) after a reload another one would only do the same again. */
const fresh = 10_000;

let reloads = false;

/**
 * Notes that the server did not answer. Questions wait from now on, rather than fail,
 * and are asked when it is back, which is looked after here.
 */
export function serverLost(): void {
  if (!onlineManager.isOnline()) return;
  onlineManager.setOnline(false);
  window.setTimeout(lookAgain, pause);
}

/**
 * What the app does about a server that goes away. The browser's own word on being
 * offline is not heard: the server may well be this machine.
 */
export function watchReach(): void {
  onlineManager.setEventListener(() => undefined);
  // A part of the app that does not come is asked for once more by a new page: the server
  // was away, or is a newer one whose files have other names. The link holds the view.
  window.addEventListener("vite:preloadError", () => {
    if (wasReloaded() && performance.now() < fresh) return;
    reloads = true;
    serverLost();
  });
}

async function lookAgain(): Promise<void> {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => undefined);
  if (!answer?.ok) window.setTimeout(lookAgain, pause);
  else if (reloads) window.location.reload();
  else onlineManager.setOnline(true);
}

function wasReloaded(): boolean {
  const entry = performance.getEntriesByType("navigation")[0];
  return entry instanceof PerformanceNavigationTiming && entry.type === "reload";
}
