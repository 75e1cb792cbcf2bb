import { stringLiteral } from "@/kql/literal";

const order = ["High", "Medium", "Low", "Informational"];

/** The counts from the gravest down; names that Microsoft's scale lacks come last. */
export function bySeverity(counts: Record<string, number>): { severity: string; count: number }[] {
  return Object.entries(counts)
    .map(([severity, count]) => ({ severity, count }))
    .sort((a, b) => rank(a.severity) - rank(b.severity) || a.severity.localeCompare(b.severity));
}

export function severityColor(severity: string): "danger" | "severe" | "warning" | "informative" {
  switch (severity) {
    case "High":
      return "danger";
    case "Medium":
      return "severe";
    case "Low":
      return "warning";
    default:
      return "informative";
  }
}

function rank(severity: string): number {
  const at = order.indexOf(severity);
  return at < 0 ? order.length : at;
}

/** The filter of a list of alerts that keeps those of a severity. */
export function severityPredicate(severity: string): string {
  return `Severity == ${stringLiteral(severity)}`;
}
