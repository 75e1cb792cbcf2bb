import { expect, test } from "vitest";
import { toCSV, toJSON } from "./download";

const columns = [
  { name: "Timestamp", type: "datetime" },
  { name: "Name", type: "string" },
  { name: "Count", type: "long" },
  { name: "Fields", type: "dynamic" },
];

test("CSV quotes what it must and ends lines as RFC 4180 says", () => {
  const rows = [["2023-08-16T00:34:24.1234567Z", 'a,"b"\nc', "-9007199254740993", { a: [1] }]];
  expect(toCSV(columns, rows)).toBe(
    'Timestamp,Name,Count,Fields\r\n2023-08-16T00:34:24.1234567Z,"a,""b""\nc",-9007199254740993,"{""a"":[1]}"\r\n',
  );
});

test("CSV disarms texts that a spreadsheet would run", () => {
  expect(toCSV([{ name: "N", type: "string" }], [["=HYPERLINK(1)"], ["@x"], ["a=b"]])).toBe(
    "N\r\n'=HYPERLINK(1)\r\n'@x\r\na=b\r\n",
  );
});

test("JSON keeps values and tells columns of one name apart", () => {
  const twice = [
    { name: "A", type: "long" },
    { name: "A", type: "string" },
  ];
  expect(JSON.parse(toJSON(twice, [["9007199254740993", null]]))).toEqual([
    { A: "9007199254740993", A1: null },
  ]);
});
