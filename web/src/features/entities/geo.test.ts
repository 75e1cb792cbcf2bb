import { expect, test } from "vitest";
import { age, carrierOf, lineOf, lineSource, linesAsked, placeOf } from "./geo";

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
  expect(carrierOf(none)).toBe("");
  const line = { ...none, isp: "Utopia", connectionType: "Cellular", userType: "cellular" };
  expect(carrierOf({ ...line, mobileNetwork: "310-004" })).toBe("Utopia · mobile network 310-004");
  expect(lineOf({ ...line, anonymizers: ["VPN"] })).toBe("Cellular · VPN");
});

test("an answer of a list says where it stands and how much that says", () => {
  const answer = {
    list: "vpn-ipv4",
    name: "VPN",
    class: "vpn",
    type: "VPN",
    entry: "9.0.0.0/8",
    dated: "2024-04-29T00:00:00Z",
    weak: true,
  } as const;
  expect(lineSource(answer)).toBe("vpn-ipv4, 2024-04-29 · 9.0.0.0/8 · a broad list, a weak sign");
  expect(lineSource({ ...answer, weak: false, asn: 64500, entry: "AS64500" })).toBe(
    "vpn-ipv4, 2024-04-29 · all of AS64500",
  );
});

test("lists asked in vain stand by what they would have said", () => {
  const list = (name: string, type: string) => ({ list: name, name, type, dated: "" });
  expect(linesAsked([list("a", "hosting"), list("c", "VPN"), list("b", "hosting")])).toBe(
    "hosting (a, b), VPN (c)",
  );
});
