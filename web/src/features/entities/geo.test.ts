import { expect, test } from "vitest";
import { age, lineOf, placeOf } from "./geo";

test("the age of data in words", () => {
  const now = new Date("2026-03-31T12:00:00Z");
  expect(age("2026-03-31T00:00:00Z", now)).toBe("of today");
  expect(age("2026-03-30T00:00:00Z", now)).toBe("1 day old");
  expect(age("2026-01-01T00:00:00Z", now)).toBe("2 months old");
  expect(age("when", now)).toBe("of unknown age");
});

test("a place needs both coordinates", () => {
  const none = { database: "a", builtAt: "", found: true, latitude: 1 };
  expect(placeOf([none])).toBeNull();
  const some = { ...none, longitude: 0, city: "Accra", country: "Ghana" };
  expect(placeOf([none, some])).toEqual({ latitude: 1, longitude: 0, words: "Accra, Ghana" });
});

test("the line behind an address is told once", () => {
  const none = { database: "a", builtAt: "", found: true };
  expect(lineOf(none)).toBe("");
  const line = { ...none, isp: "Utopia", connectionType: "Cellular", userType: "cellular" };
  expect(lineOf({ ...line, mobileNetwork: "310-004", anonymizers: ["VPN"] })).toBe(
    "Utopia · Cellular · mobile network 310-004 · VPN",
  );
});
