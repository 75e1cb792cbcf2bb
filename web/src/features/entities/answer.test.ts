import { expect, test } from "vitest";
import { figures, phrases } from "./answer";

const term = (name: string, value: string, words?: string) => ({ name, value, words });

test("each term is found once, in its order", () => {
  const devices = term("devices", "2", "2 of 12 devices talked to it");
  const total = term("devicesTotal", "12");
  const records = term("records", "2", "2 zeek.conn records");
  const text = "2 of 12 devices talked to it · 2 zeek.conn records";
  expect(phrases({ text, terms: [devices, total, records] })).toEqual([
    { at: 0, text: "2 of 12 devices talked to it", term: devices },
    { at: 28, text: " · " },
    { at: 31, text: "2 zeek.conn records", term: records },
  ]);
});

test("a term that does not stand in the line is left out", () => {
  const terms = [term("devices", "0", "0 devices"), term("first", "", "")];
  expect(phrases({ text: "Not seen", terms })).toEqual([{ at: 0, text: "Not seen" }]);
});

test("a line without terms is one phrase", () => {
  expect(phrases({ text: "Not seen", terms: null })).toEqual([{ at: 0, text: "Not seen" }]);
  expect(phrases({ text: "", terms: [] })).toEqual([]);
});

test("figures are told from words, a date and its time as one", () => {
  expect(figures("4 of 1,200 devices")).toEqual([
    { at: 0, text: "4", bold: true },
    { at: 1, text: " of ", bold: false },
    { at: 5, text: "1,200", bold: true },
    { at: 10, text: " devices", bold: false },
  ]);
  expect(figures("first 2023-08-16 00:34:24")).toEqual([
    { at: 0, text: "first ", bold: false },
    { at: 6, text: "2023-08-16 00:34:24", bold: true },
  ]);
});

test("the figures in a name or a kind are no figures", () => {
  const bold = (words: string) =>
    figures(words)
      .filter((f) => f.bold)
      .map((f) => f.text);
  expect(bold("first 2023-08-16 00:34:24 from ws01.example.test")).toEqual(["2023-08-16 00:34:24"]);
  expect(bold("4 blocked (security.5152)")).toEqual(["4"]);
  expect(bold("36 zeek.conn records (6 refused)")).toEqual(["36", "6"]);
});
