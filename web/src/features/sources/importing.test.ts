import { expect, test } from "vitest";
import { type Imported, importEach, isListFile } from "./importing";

const files = ["a.json", "b.json", "c.json"].map((name) => new File(["{}"], name));

test("one file that is refused keeps none of the others out", async () => {
  const told: Imported[] = [];
  const outcome = await importEach(
    files,
    async ({ name }) => {
      if (name === "b.json") throw new Error("line 1: no JSON");
    },
    (at) => told.push(at),
    new AbortController().signal,
  );
  expect(outcome).toEqual({ put: 2, of: 3, refused: [{ file: "b.json", why: "line 1: no JSON" }] });
  expect(told.map(({ done, of, file }) => `${done} of ${of} ${file}`)).toEqual([
    "0 of 3 a.json",
    "1 of 3 b.json",
    "2 of 3 c.json",
  ]);
});

test("once stopped, the rest are left out", async () => {
  const stop = new AbortController();
  const outcome = await importEach(
    files,
    async () => stop.abort(),
    () => {},
    stop.signal,
  );
  expect(outcome).toEqual({ put: 1, of: 3, refused: [] });
});

test("of a folder only what can be a list is read", () => {
  const chosen = (name: string, webkitRelativePath: string) =>
    Object.defineProperty(new File([], name), "webkitRelativePath", { value: webkitRelativePath });
  expect(isListFile(chosen("list.json", "misp/lists/amazon-aws/list.json"))).toBe(true);
  expect(isListFile(chosen("vpn.json.gz", "misp/lists/vpn.json.gz"))).toBe(true);
  expect(isListFile(chosen("README.md", "misp/README.md"))).toBe(false);
  expect(isListFile(chosen("tor-exit-nodes.lst", ""))).toBe(true);
});
