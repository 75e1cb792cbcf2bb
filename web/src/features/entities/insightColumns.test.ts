import { expect, test } from "vitest";
import { columnWords, entityOfColumn, isCount, isMoment, isWhole, widthOf } from "./insightColumns";

test("names of columns are read as words", () => {
  expect(columnWords("UserAgent")).toBe("User agent");
  expect(columnWords("EventID")).toBe("Event ID");
  expect(columnWords("SHA256")).toBe("SHA256");
  expect(columnWords("BytesOut")).toBe("Bytes out");
});

test("columns say what entity they name, and what is counted", () => {
  expect(entityOfColumn("Account")).toBe("account");
  expect(entityOfColumn("Client")).toBe("host");
  expect(entityOfColumn("SHA1")).toBe("hash");
  expect(entityOfColumn("LogonType")).toBeUndefined();
  expect(isCount("Records")).toBe(true);
  expect(isCount("Port")).toBe(false);
});

test("a column is as wide as its longest word, within limits", () => {
  expect(widthOf(["ImageLoaded"], "ActionType")).toBe(84);
  expect(widthOf(["–", "GET"], "Method")).toBe(32);
  expect(widthOf(["10.0.0.1", "172.71.222.128"], "Client")).toBe(120);
  expect(widthOf(["a few words", "and more of them"], "Activity")).toBe(45);
  expect(widthOf(["A".repeat(1000)], "CommandLine")).toBe(180);
  expect(widthOf([], "Process")).toBe(12);
});

test("what is a time or a whole number is shown as one", () => {
  expect(isMoment("Last")).toBe(true);
  expect(isMoment("LastName")).toBe(false);
  expect(isWhole("15975")).toBe(true);
  expect(isWhole("")).toBe(false);
  expect(isWhole("1e3")).toBe(false);
  expect(isWhole("9007199254740993")).toBe(false); // 2^53 + 1 would be shown as another number
});
