import { expect, test } from "vitest";
import { choiceOf, filterOf, predicate, toggled } from "./timelineFilter";

test("a choice stands in the link as a predicate and is read back from it", () => {
  const choice = {
    outcome: ["refused", "blocked"],
    device: ['a"\\), b', ""],
    alerts: true,
  } as const;
  const where =
    'Outcome in ("refused", "blocked") and Device in ("a\\"\\\\), b", "") and Alert == true';
  expect(predicate({ ...choice, outcome: [...choice.outcome], device: [...choice.device] })).toBe(
    where,
  );
  expect(choiceOf(where)).toEqual(choice);
});

test("nothing chosen leaves no trace, and nonsense chooses nothing", () => {
  expect(predicate({ outcome: [] })).toBeUndefined();
  expect(choiceOf(undefined)).toEqual({});
  expect(choiceOf('Shoe in ("x") or Outcome in (1')).toEqual({});
});

test("a value is taken in and out again", () => {
  const once = toggled({}, "table", "T");
  expect(once).toEqual({ table: ["T"] });
  expect(toggled(once, "table", "T")).toEqual({ table: [] });
});

test("a link cannot ask for a role that there is not", () => {
  expect(filterOf({ roles: ["king", "nat"], table: ["T"] })).toEqual({
    roles: ["nat"],
    outcome: [],
    table: ["T"],
  });
});
