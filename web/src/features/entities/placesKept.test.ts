import { expect, test } from "vitest";
import type { KeptPlace } from "@/api/entities";
import { buildsOf, builtOf, changesOf, daysOf, namesOf, placeWords, whenSeen } from "./placesKept";

const lund: KeptPlace = {
  database: "City",
  builtFrom: "2024-05-01T00:00:00Z",
  builtTo: "2024-06-01T00:00:00Z",
  keptAt: "2024-05-02T00:00:00Z",
  country: "Sweden",
  city: "Lund",
  inForce: true,
  oldest: false,
  differs: true,
};
const malmo = {
  ...lund,
  city: "Malmö",
  differs: false,
  builtFrom: "2024-07-01T00:00:00Z",
  builtTo: "2024-07-01T00:00:00Z",
};
const asn: KeptPlace = {
  ...malmo,
  database: "ASN",
  country: undefined,
  city: undefined,
  asn: 64500,
  org: "Utopia",
  oldest: true,
};

test("a place and who announces it, in words", () => {
  expect(placeWords(lund)).toBe("Lund, Sweden");
  expect(placeWords(asn)).toBe("AS64500 Utopia");
  expect(placeWords({ ...asn, asn: undefined, org: undefined })).toBe("not in database");
});

test("builds are a day or two", () => {
  expect(buildsOf(lund)).toBe("2024-05-01 – 2024-06-01");
  expect(buildsOf(malmo)).toBe("2024-07-01");
  expect(builtOf([malmo, lund])).toBe("2024-05-01 – 2024-07-01");
  expect(builtOf([malmo, asn])).toBe("2024-07-01");
  expect(namesOf([lund, malmo, asn])).toBe("City, ASN");
});

test("what was in force is other, the same, or younger than the records", () => {
  const history = {
    items: [asn, lund, malmo, { ...malmo, inForce: false }],
    first: null,
    last: null,
    query: "",
  };
  expect(whenSeen(history)).toEqual({ other: [lund], same: [malmo], younger: [asn] });
  const none = { ...asn, asn: undefined, org: undefined, oldest: false };
  expect(whenSeen({ ...history, items: [none] }).same).toEqual([]);
  expect(whenSeen({ ...history, items: [{ ...none, differs: true }] }).other).toHaveLength(1);
  expect(whenSeen({ ...history, items: null })).toEqual({ other: [], same: [], younger: [] });
});

test("only databases that said several things have a history", () => {
  const history = {
    items: [asn, lund, malmo],
    first: "2024-05-01T05:00:00Z",
    last: "2024-05-01T06:00:00Z",
    query: "",
  };
  expect(changesOf(history)).toEqual([["City", [lund, malmo]]]);
  expect(daysOf(history)).toBe("2024-05-01");
  expect(daysOf({ ...history, last: "2024-06-01T06:00:00Z" })).toBe("2024-05-01 – 2024-06-01");
  expect(daysOf({ ...history, first: null })).toBe("");
});
