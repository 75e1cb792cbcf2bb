import type { Subdomain, SubdomainSection } from "@/api/footprint";
import { counted, formatCount } from "@/components/numbers";
import { formatDay } from "@/time/format";

/** How many names each side knows, counted apart. */
export function subdomainCounts(s: SubdomainSection): string {
  const seen = `${formatCount(s.total)} seen here in this period`;
  if (s.files === 0) return seen;
  const wildcards = s.wildcards === 0 ? "" : `, and ${counted(s.wildcards, "wildcard")}`;
  return `${seen} · ${formatCount(s.logged)} in certificate transparency, ${formatCount(s.loggedUnseen)} of them never seen here${wildcards}`;
}

/** Which domains the names are below, when they are not those of the page itself. */
export function belowWhat({ parents, parentsTotal }: SubdomainSection): string {
  const names = parents ?? [];
  const all =
    names.length < parentsTotal ? `, the latest of ${formatCount(parentsTotal)} domains` : "";
  return `Below ${names.join(", ")}${all}`;
}

/** Whether own logs know a name. */
export function seenHere(s: Subdomain): "seen" | "before" | "wildcard" | "never" {
  if (s.first != null) return "seen";
  if (s.lastEver != null) return "before";
  return s.name.startsWith("*.") ? "wildcard" : "never";
}

/** What a file of certificate transparency says: how many certificates, valid when. */
export function certificatesOf(n: LoggedName): string {
  return `${counted(n.certificates, "certificate")}, valid ${formatDay(n.notBefore)} – ${formatDay(n.notAfter)}`;
}

type LoggedName = NonNullable<Subdomain["logged"]>[number];
