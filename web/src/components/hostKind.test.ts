import { expect, test } from "vitest";
import { hostKind } from "./hostKind";

test.each([
  ["203.0.113.9", "ip"],
  ["2001:db8::1", "ip"],
  ["::ffff:10.0.0.1", "ip"],
  ["www.example.test", "domain"],
  ["*.example.test", undefined],
  ["localhost", undefined],
  ["www.example.test:8080", undefined],
  ["CN=a, O=b.c", undefined],
  ["", undefined],
])("%s is %s", (host, kind) => expect(hostKind(host)).toBe(kind));

test("what led to a host may be a URL", () => {
  expect(hostKind("http://login.example.org/img/header.png")).toBe("url");
  expect(hostKind("https://[2001:db8::1]/")).toBe("url");
  expect(hostKind("http://")).toBeUndefined();
  expect(hostKind("ftp://example.org/a")).toBeUndefined();
});
