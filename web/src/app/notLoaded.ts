/** A part of the app whose code did not come. */
export class NotLoaded extends Error {
  constructor(cause: unknown) {
    super("its code did not come from the server", { cause });
    this.name = "NotLoaded";
  }
}

/** So browsers say that the code of a module did not come. */
const words = /dynamically imported module|Importing a module script failed/;

export function isNotLoaded(error: unknown): boolean {
  return error instanceof NotLoaded || (error instanceof TypeError && words.test(error.message));
}

/**
 * Loads the code of a page. What browsers throw where it does not come, the router takes as a
 * reason to load the document anew, at once: without a server that ends on the browser's own
 * page. Whoever watches the server loads it when that answers.
 */
export async function whenItComes<T>(code: Promise<T>): Promise<T> {
  try {
    return await code;
  } catch (error) {
    throw isNotLoaded(error) ? new NotLoaded(error) : error;
  }
}
