import { expect, test } from "vitest";
import { sizeWords } from "./manyWords";

test("how many addresses there are", () => {
  expect(sizeWords("256")).toBe("256 addresses");
  expect(sizeWords("4294967296")).toBe("4,294,967,296 addresses");
  expect(sizeWords("18446744073709551616")).toBe("2^64 addresses");
  expect(sizeWords("18446744073709551615")).toBe("18,446,744,073,709,551,615 addresses");
  expect(sizeWords("")).toBe("");
});
