import { expect, test } from "vitest";
import type { SubdomainSection } from "@/api/footprint";
import { belowWhat, certificatesOf, seenHere, subdomainCounts } from "./subdomains";

const section: SubdomainSection = {
  total: 1200,
  query: "",
  needs: "",
  items: [],
  names: 1200,
  parents: ["a.example", "b.example"],
  parentsTotal: 2,
  files: 0,
  logged: 0,
  loggedUnseen: 0,
  wildcards: 0,
};

test("names of own logs and of certificates are counted apart", () => {
  expect(subdomainCounts(section)).toBe("1,200 seen here in this period");
  expect(subdomainCounts({ ...section, files: 1, logged: 3, loggedUnseen: 1, wildcards: 1 })).toBe(
    "1,200 seen here in this period · 3 in certificate transparency, 1 of them never seen here, and 1 wildcard",
  );
});

test("of many domains it says that only some were looked below", () => {
  expect(belowWhat(section)).toBe("Below a.example, b.example");
  expect(belowWhat({ ...section, parentsTotal: 30 })).toBe(
    "Below a.example, b.example, the latest of 30 domains",
  );
});

test("a name in a certificate alone was not seen", () => {
  const name = {
    name: "a.example",
    first: null,
    last: null,
    lastEver: null,
    bySource: [],
    logged: [],
  };
  const at = "2024-05-01T00:00:00Z";
  expect(seenHere({ ...name, first: at, last: at })).toBe("seen");
  expect(seenHere({ ...name, lastEver: at })).toBe("before");
  expect(seenHere(name)).toBe("never");
  expect(seenHere({ ...name, name: "*.a.example" })).toBe("wildcard");
});

test("certificates say how many and valid when", () => {
  const logged = {
    file: "a.json",
    imported: "2024-06-01T00:00:00Z",
    notBefore: "2024-01-01T00:00:00Z",
    notAfter: "2024-04-01T00:00:00Z",
    certificates: 1,
    issuers: [],
  };
  expect(certificatesOf(logged)).toBe("1 certificate, valid 2024-01-01 – 2024-04-01");
  expect(certificatesOf({ ...logged, certificates: 2 })).toMatch(/^2 certificates/);
});
