import { expect, test } from "vitest";
import { crumbsOf as crumbs } from "./crumbs";

const crumbsOf = (path: string) => crumbs(path, { ip: "IP address", url: "URL" });

test("a page is one step from home, an entity two", () => {
  expect(crumbsOf("/")).toEqual([]);
  expect(crumbsOf("/triage")).toEqual([{ text: "Triage" }]);
  expect(crumbsOf("/ip/2001%3Adb8%3A%3A1")).toEqual([
    { text: "IP address" },
    { text: "2001:db8::1", untrusted: true },
  ]);
  expect(crumbsOf("/entity/url/https%3A%2F%2Fa.example%2Fb")).toEqual([
    { text: "URL" },
    { text: "https://a.example/b", untrusted: true },
  ]);
});

test("what is no page has no way to it", () => {
  for (const path of [
    "/nowhere",
    "/entity/planet/mars",
    "/entity/constructor/x",
    "/ip",
    "/entity/url",
    "/%",
  ]) {
    expect(crumbsOf(path)).toEqual([]);
  }
});
