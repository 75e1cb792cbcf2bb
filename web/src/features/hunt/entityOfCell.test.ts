import { expect, test } from "vitest";
import type { ResultColumn } from "@/api/query";
import { entityOfCell } from "./entityOfCell";

const columns: ResultColumn[] = [
  { name: "RemoteIP", type: "string", entity: "ip" },
  { name: "RemoteUrl", type: "string", entity: "url" },
  { name: "AccountDomain", type: "string" },
  { name: "AccountName", type: "string", entity: "account", domain: "AccountDomain" },
  { name: "DeviceName", type: "string", entity: "device" },
];

const of = (at: number, ...row: unknown[]) => entityOfCell(columns, row, at);

test("a value is the entity that its column says", () => {
  expect(of(0, "203.0.113.9")).toEqual({ kind: "ip", id: "203.0.113.9" });
  expect(of(4, "", "", "", "", "a.example.test")).toEqual({ kind: "device", id: "a.example.test" });
});

test("a URL is told from a bare host name", () => {
  expect(of(1, "", "https://a.example/x")).toEqual({ kind: "url", id: "https://a.example/x" });
  expect(of(1, "", "a.example")).toEqual({ kind: "domain", id: "a.example" });
});

test("an account is its domain and its name, unless the name has one", () => {
  expect(of(3, "", "", "CORP", "alice")).toEqual({ kind: "account", id: "CORP\\alice" });
  expect(of(3, "", "", "-", "alice")).toEqual({ kind: "account", id: "alice" });
  expect(of(3, "", "", "CORP", "alice@x.test")).toEqual({ kind: "account", id: "alice@x.test" });
});

test("nothing, a dash and what is no address name nobody", () => {
  for (const value of ["", "-", null, 7, "localhost"]) expect(of(0, value)).toBeUndefined();
  expect(of(2, "", "", "CORP")).toBeUndefined();
});
