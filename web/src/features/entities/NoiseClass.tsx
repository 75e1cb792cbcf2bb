import { Badge, Tooltip } from "@fluentui/react-components";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import type { EntityView } from "./view";

type Noise = NonNullable<EntityView["page"]["noise"]>[number];

/**
 * What well-known lists say of the entity (scanner, CDN, cloud, resolver), each class once
 * with its lists and their dates. It is context; nothing is hidden by it.
 */
export function NoiseClass({ view }: { view: EntityView }) {
  return [...Map.groupBy(view.page.noise ?? [], (n) => n.class)].map(([name, lists]) => (
    <Tooltip
      key={name}
      content={`In ${lists.map(words).join("; ")}. Context only: nothing is hidden by it.`}
      relationship="description"
    >
      <Badge
        appearance="outline"
        color={lists.every((n) => n.weak) ? "informative" : "important"}
        size="large"
        tabIndex={0}
      >
        <Untrusted>{name}</Untrusted>
      </Badge>
    </Tooltip>
  ));
}

function words({ name, entry, dated, weak }: Noise): string {
  return `the list “${name}” (${entry}), dated ${formatDay(dated)}${weak ? ", a broad list, a weak sign" : ""}`;
}
