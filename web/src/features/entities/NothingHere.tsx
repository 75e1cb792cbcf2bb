import type { ReactNode } from "react";
import { Empty } from "@/components/states";
import { dataSince } from "./dataSince";
import type { EntityView } from "./view";

type Covered = NonNullable<EntityView["page"]["coverage"]>[number];

/** What could have held something, by what a part of the page is about. */
const sources = {
  anything: () => true,
  connections: ({ table }: Covered) => table === "DeviceNetworkEvents",
  logons: ({ table }: Covered) => table === "DeviceLogonEvents",
  alerts: ({ sourceKind }: Covered) => /alert|notice/i.test(sourceKind),
  claims: ({ sourceKind }: Covered) =>
    /sysmon\.3$|security\.515|dhcp|DeviceNetworkInfo|Syslog/.test(sourceKind),
};

interface NothingHereProps {
  view: EntityView;
  of: keyof typeof sources;
  children: ReactNode;
}

/** The sentence of a part that found nothing, with what was searched and since when it has data. */
export function NothingHere({ view, of, children }: NothingHereProps) {
  const searched = dataSince(view.page.coverage, sources[of]);
  return (
    <Empty>
      {children} {searched || "Nothing is loaded that could have held it."}
    </Empty>
  );
}
