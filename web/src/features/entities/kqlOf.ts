import type { OneKind } from "@/api/kinds";
import { stringLiteral } from "@/kql/literal";

/** A line of KQL that finds the entity, to be put behind a table or a union. */
export function kqlOf(kind: OneKind | "cidr", id: string): string {
  const text = stringLiteral(id);
  switch (kind) {
    case "ip":
      return `| where RemoteIP == ${text} or LocalIP == ${text}`;
    case "cidr": {
      const test = `ipv${id.includes(":") ? 6 : 4}_is_in_range`;
      return `| where ${test}(RemoteIP, ${text}) or ${test}(LocalIP, ${text})`;
    }
    case "device":
      return `| where DeviceName =~ ${text}`;
    case "hash":
      return `| where ${text} in~ (SHA1, SHA256, MD5)`;
    case "domain":
    case "url":
      return `| where RemoteUrl has ${text}`;
    case "account":
      return `| where AccountName =~ ${stringLiteral(id.slice(id.lastIndexOf("\\") + 1))}`;
  }
}
