import { type ReactNode, useEffect, useState } from "react";

interface LaterProps {
  /** What has its place until then. */
  fallback?: ReactNode;
  children: ReactNode;
}

/**
 * A part that costs much, or stands below the fold: its code comes and it is drawn when all
 * else stands and the browser is idle, so that the page can be used meanwhile.
 */
export function Later({ fallback = null, children }: LaterProps) {
  const [now, setNow] = useState(false);
  useEffect(() => whenIdle(() => setNow(true)), []);
  return now ? children : fallback;
}

/** Waits for the browser to have nothing else to do, but not for long; gives what ends waiting. */
function whenIdle(done: () => void): () => void {
  // Safari has no such callback.
  if (window.requestIdleCallback === undefined) {
    const timer = setTimeout(done, 50);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(done, { timeout: 1000 });
  return () => cancelIdleCallback(idle);
}
