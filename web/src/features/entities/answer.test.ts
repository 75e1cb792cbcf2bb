import { expect, test } from "vitest";
import { phrases } from "./answer";

const term = (name: string, value: string) => ({ name, value });

test("each term is found once, in its order", () => {
  const devices = term("devices", "2");
  const total = term("devicesTotal", "12");
  const records = term("records", "2");
  const text = "12 hosts; 2 of 12 devices, 2 records";
  expect(phrases({ text, terms: [devices, total, records] })).toEqual([
    { text: "12 hosts; " },
    { text: "2", term: devices },
    { text: " of " },
    { text: "12", term: total },
    { text: " devices, " },
    { text: "2", term: records },
    { text: " records" },
  ]);
});

test("a term that does not stand in the line is left out", () => {
  expect(phrases({ text: "not seen", terms: [term("devices", "0"), term("first", "")] })).toEqual([
    { text: "not seen" },
  ]);
});

test("a line without terms is one phrase", () => {
  expect(phrases({ text: "not seen", terms: null })).toEqual([{ text: "not seen" }]);
  expect(phrases({ text: "", terms: [] })).toEqual([]);
});
