import { expect, test } from "vitest";
import { columnWords, entityOfColumn, isCount } from "./insightColumns";

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
