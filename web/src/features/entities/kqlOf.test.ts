import { expect, test } from "vitest";
import { kqlOf } from "./kqlOf";

test("an entity as a line of KQL", () => {
  expect(kqlOf("ip", "192.0.2.1")).toBe(
    '| where RemoteIP == "192.0.2.1" or LocalIP == "192.0.2.1"',
  );
  expect(kqlOf("cidr", "2001:db8::/32")).toBe(
    '| where ipv6_is_in_range(RemoteIP, "2001:db8::/32") or ipv6_is_in_range(LocalIP, "2001:db8::/32")',
  );
  expect(kqlOf("account", "corp\\alice")).toBe('| where AccountName =~ "alice"');
  expect(kqlOf("domain", 'a"b')).toBe('| where RemoteUrl has "a\\"b"');
});
