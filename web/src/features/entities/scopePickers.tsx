import { Select } from "@fluentui/react-components";
import type { Role } from "@/api/entities";
import { isMany } from "@/api/kinds";
import { type EntityView, roles } from "./view";

const roleNames: Record<Role, string> = {
  any: "Any role",
  source: "As source",
  destination: "As destination",
  local: "As own side",
  nat: "As translated (NAT)",
  forwarded: "As forwarded (XFF)",
};

/** Which records count, by the part that the address plays in them. */
export function RolePicker({ view }: { view: EntityView }) {
  const { kind } = view.entity;
  if (kind !== "ip" && !isMany(kind)) return null;
  return (
    <Select
      size="small"
      aria-label="Role"
      value={view.search.role ?? "any"}
      onChange={(_, { value }) =>
        view.update({ role: roles.find((r) => r === value && r !== "any") })
      }
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {roleNames[role]}
        </option>
      ))}
    </Select>
  );
}

/** Which site is shown: all of them, side by side, or one. */
export function SitePicker({ view }: { view: EntityView }) {
  const sites = (view.page.sites ?? []).filter((site) => site !== "");
  const chosen = view.search.site ?? "";
  if (sites.length < 2 && chosen === "") return null;
  return (
    <Select
      size="small"
      aria-label="Site"
      value={chosen}
      onChange={(_, { value }) => view.update({ site: value || undefined })}
    >
      <option value="">All sites</option>
      {sites.map((site) => (
        <option key={site} value={site}>
          {site}
        </option>
      ))}
      {chosen !== "" && !sites.includes(chosen) && <option value={chosen}>{chosen}</option>}
    </Select>
  );
}
