import { Badge } from "@fluentui/react-components";

type BadgeColor =
  | "brand"
  | "danger"
  | "important"
  | "informative"
  | "subtle"
  | "success"
  | "warning";

const outcomeColors: Record<string, BadgeColor> = {
  established: "brand",
  permitted: "success",
  unanswered: "informative",
  refused: "warning",
  blocked: "danger",
};

const roleColors: Record<string, BadgeColor> = {
  source: "brand",
  destination: "important",
  local: "success",
  remote: "informative",
  nat: "warning",
  forwarded: "warning",
  assigned: "success",
  evidence: "danger",
};

/** How a connection or logon ended, in its colour. */
export function OutcomeWord({ outcome }: { outcome: string }) {
  return (
    <Badge appearance="tint" color={outcomeColors[outcome] ?? "informative"}>
      {outcome}
    </Badge>
  );
}

/** A part that the entity plays in a record, in its colour. */
export function RoleWord({ role }: { role: string }) {
  return (
    <Badge appearance="outline" color={roleColors[role] ?? "informative"}>
      {role}
    </Badge>
  );
}
