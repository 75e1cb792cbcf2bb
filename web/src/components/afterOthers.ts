/** Gives a part of the app that is on its way when the browser has nothing else to do. */
export async function afterOthers<T>(part: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([part, idle()]);
  return loaded;
}

/** Waits for the browser to have nothing else to do, but not for long. */
export function idle(): Promise<void> {
  return new Promise((done) => {
    // Safari has no such callback.
    if (window.requestIdleCallback === undefined) setTimeout(done, 50);
    else requestIdleCallback(() => done(), { timeout: 1000 });
  });
}
