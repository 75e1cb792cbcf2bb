import { expect, test } from "vitest";
import { startOf, visibleText } from "./visibleText";

const spelled = (text: string) =>
  visibleText(text)
    .map((p) => (p.hidden ? `[${p.text}]` : p.text))
    .join("");

test("plain text stays as it is", () => {
  expect(visibleText("C:\\Temp\\größe.exe\t-a\n")).toEqual([
    { text: "C:\\Temp\\größe.exe\t-a\n", hidden: false },
  ]);
  expect(visibleText("")).toEqual([]);
});

test("bidirectional controls are spelled out", () => {
  expect(spelled("inv\u202Egpj.exe")).toBe("inv[U+202E]gpj.exe");
  expect(spelled("\u2066a\u2069\u200F\u061C")).toBe("[U+2066]a[U+2069][U+200F][U+061C]");
});

test("so is all else that is not seen", () => {
  expect(spelled("a\u200Bb\u00ADc\uFEFF\u2028")).toBe("a[U+200B]b[U+00AD]c[U+FEFF][U+2028]");
  expect(spelled("a\u0000\u001B[31m\r")).toBe("a[U+0000][U+001B][31m[U+000D]");
  expect(spelled("a\u{E0041}\u3164")).toBe("a[U+E0041][U+3164]");
  expect(spelled("a\uD800b")).toBe("a[U+D800]b");
});

test("the beginning of a text cuts no character in two", () => {
  expect(startOf("abc", 3)).toBe("abc");
  expect(startOf("abcd", 3)).toBe("abc");
  expect(startOf("ab\u{1F600}", 3)).toBe("ab");
  expect(startOf("a\u{1F600}b", 3)).toBe("a\u{1F600}");
});
