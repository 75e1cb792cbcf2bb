import { expect, test } from "vitest";
import { formatSeconds } from "./seconds";

test.each([
  [0, "0 s"],
  [0.349, "0.35 s"],
  [119.94, "120 s"],
  [270, "4.5 min"],
  [7560, "2.1 h"],
  [293_760, "3.4 d"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
