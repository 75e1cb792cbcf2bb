import { expect, test } from "vitest";
import { bySeverity } from "./severity";

test("the gravest comes first, unknown names last", () => {
  const counts = { Informational: 1, Odd: 9, Low: 2, High: 3, Medium: 4 };
  expect(bySeverity(counts).map((s) => s.severity)).toEqual([
    "High",
    "Medium",
    "Low",
    "Informational",
    "Odd",
  ]);
});
