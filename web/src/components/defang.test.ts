import { expect, test } from "vitest";
import { defang } from "./defang";

test.each([
  ["203.0.113.9", "203[.]0[.]113[.]9"],
  ["2001:db8::1", "2001[:]db8[:][:]1"],
  ["evil.example", "evil[.]example"],
  ["https://evil.example/a.b?c=1", "hxxps://evil[.]example/a[.]b?c=1"],
  ["http://evil.example", "hxxp://evil[.]example"],
  ["contoso\\ada", "contoso\\ada"],
])("%s becomes %s", (text, expected) => {
  expect(defang(text)).toBe(expected);
});
