import { expect, test } from "vitest";
import { periodOfView } from "./view";

const now = new Date("2024-03-01T10:20:30Z");

test("a preset goes before a period, and no word before the server's default", () => {
  expect(periodOfView({ range: "7d", from: "x" }, now).from).toBe("2024-02-24T00:00:00Z");
  expect(periodOfView({ from: "a", to: "b" }, now)).toEqual({ from: "a", to: "b" });
  expect(periodOfView({ range: "eternity" }, now)).toEqual({ from: undefined, to: undefined });
});
