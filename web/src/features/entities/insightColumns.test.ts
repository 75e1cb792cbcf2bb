import { expect, test } from "vitest";
import { columnWords, entityOfColumn, isCount, isMoment, isWhole } from "./insightColumns";

test("names of columns are read as words", () => {
  expect(columnWords("UserAgent")).toBe("User agent");
  expect(columnWords("EventID")).toBe("Event ID");
  expect(columnWords("SHA256")).toBe("SHA256");
  expect(columnWords("BytesOut")).toBe("Bytes out");
});

test("columns say what entity they name, and what is counted", () => {
  expect(entityOfColumn("Account")).toBe("account");
  expect(entityOfColumn("Client")).toBe("host");
  expect(entityOfColumn("LogonType")).toBeUndefined();
  expect(isCount("Records")).toBe(true);
  expect(isCount("Port")).toBe(false);
});

test("what is a time or a whole number is shown as one", () => {
  expect(isMoment("Last")).toBe(true);
  expect(isMoment("LastName")).toBe(false);
  expect(isWhole("15975")).toBe(true);
  expect(isWhole("")).toBe(false);
  expect(isWhole("1e3")).toBe(false);
  expect(isWhole("9007199254740993")).toBe(false); // 2^53 + 1 would be shown as another number
});
