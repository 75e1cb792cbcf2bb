import { expect, test } from "vitest";
import { earlyOf } from "./early";

const asked = (pathname: string, search = "") => earlyOf({ pathname, search }, true).slice(2);

test("the page of an entity asks for its document as the client will", () => {
  expect(asked("/ip/203.0.113.50", "?tab=timeline")).toEqual(["/api/entities/ip/203.0.113.50"]);
  expect(asked("/ip/2001:db8::1")).toEqual(["/api/entities/ip/2001%3Adb8%3A%3A1"]);
  expect(asked("/entity/cidr/198.51.100.0%2F24")).toEqual(["/api/entities/cidr/198.51.100.0%2F24"]);
});

test("a malformed escape does not keep the app from starting", () => {
  expect(asked("/ip/%E0%A4%A")).toEqual([]);
});

test("what a link narrows is left to the page, and other pages have no document", () => {
  expect(asked("/ip/203.0.113.50", "?range=7d")).toEqual([]);
  expect(asked("/ip/203.0.113.50", "?tab=dns&site=hq")).toEqual([]);
  expect(asked("/query", "?q=x")).toEqual([]);
  expect(earlyOf({ pathname: "/", search: "" }, true)).toEqual([
    "/api/session",
    "/api/preferences",
  ]);
});

test("where nobody was signed in, only the session is asked for", () => {
  const here = { pathname: "/ip/203.0.113.50", search: "" };
  expect(earlyOf(here, false)).toEqual(["/api/session"]);
});
