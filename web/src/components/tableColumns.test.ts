import { expect, test } from "vitest";
import { withWordOfTable, wordOfTable } from "./tableColumns";

test("each small table has its own word in the link", () => {
  const one = withWordOfTable(undefined, "dns", "name,data");
  expect(one).toBe("dns:name%2Cdata");
  const two = withWordOfTable(one, "services", "a:b;c");
  expect(wordOfTable(two, "dns")).toBe("name,data");
  expect(wordOfTable(two, "services")).toBe("a:b;c");
  expect(wordOfTable(two, "cookies")).toBeUndefined();
  expect(withWordOfTable(two, "dns", undefined)).toBe("services:a%3Ab%3Bc");
  expect(withWordOfTable(one, "dns", undefined)).toBeUndefined();
  expect(wordOfTable("dns:%", "dns")).toBe("%");
});
