import { expect, test } from "vitest";
import { isNotLoaded, NotLoaded, whenItComes } from "./notLoaded";

test("browsers say in different words that the code of a module did not come", async () => {
  for (const message of [
    "Failed to fetch dynamically imported module: https://spoor.example/assets/Tab.js",
    "error loading dynamically imported module: https://spoor.example/assets/Tab.js",
    "Importing a module script failed.",
  ]) {
    const error = new TypeError(message);
    expect(isNotLoaded(error)).toBe(true);
    await expect(whenItComes(Promise.reject(error))).rejects.toBeInstanceOf(NotLoaded);
  }
});

test("other errors are what they are", async () => {
  const error = new TypeError("x is not a function");
  expect(isNotLoaded(error)).toBe(false);
  await expect(whenItComes(Promise.reject(error))).rejects.toBe(error);
  expect(await whenItComes(Promise.resolve(1))).toBe(1);
});
