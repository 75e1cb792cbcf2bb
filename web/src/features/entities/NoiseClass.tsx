import { Badge, Tooltip } from "@fluentui/react-components";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import type { EntityView } from "./view";

/**
 * What well-known lists say of the entity (scanner, CDN, cloud, resolver), each with its
 * source and date. It is context; nothing is hidden by it.
 */
export function NoiseClass({ view }: { view: EntityView }) {
  return (view.page.noise ?? []).map((n) => (
    <Tooltip
      key={`${n.list} ${n.entry}`}
      content={`In the list “${n.name}” (${n.entry}), dated ${formatDay(n.dated)}${n.weak ? "; a broad list, a weak sign" : ""}. Context only: nothing is hidden by it.`}
      relationship="description"
    >
      <Badge appearance="outline" color={n.weak ? "subtle" : "important"} size="large" tabIndex={0}>
        <Untrusted>{n.class}</Untrusted>
      </Badge>
    </Tooltip>
  ));
}
