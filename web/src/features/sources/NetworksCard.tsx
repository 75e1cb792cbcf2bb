import { Text } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type NetworkRange, networksQuery, removeNetwork } from "@/api/networks";
import { sessionQuery } from "@/api/session";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";

const query = `_GetWatchlist('SpoorNetworks')
| project Network, Name, Role, Site, Owner, ValidFrom, ValidTo, TrustedProxy
| sort by Network asc`;

const columns: Column<NetworkRange>[] = [
  { id: "cidr", header: "Range", cell: (n) => <EntityChip kind="cidr" id={n.cidr} /> },
  { id: "name", header: "Name", cell: (n) => <Untrusted>{n.name}</Untrusted> },
  { id: "role", header: "Role", cell: (n) => <Untrusted>{n.role ?? ""}</Untrusted> },
  { id: "site", header: "Site", cell: (n) => <Untrusted>{n.site || "every site"}</Untrusted> },
  { id: "owner", header: "Owner", cell: (n) => <Untrusted>{n.owner ?? ""}</Untrusted> },
  {
    id: "from",
    header: "Valid from",
    cell: (n) => (n.validFrom ? <Moment at={n.validFrom} to="minute" /> : "ever"),
  },
  {
    id: "to",
    header: "Valid to",
    cell: (n) => (n.validTo ? <Moment at={n.validTo} to="minute" /> : "further notice"),
  },
  { id: "proxy", header: "Proxies believed", cell: (n) => (n.trustedProxy ? "yes" : "no") },
];

/** The named ranges of the organisation, which queries can look addresses up in. */
export function NetworksCard() {
  const cache = useQueryClient();
  const networks = useQuery(networksQuery);
  const reads = useQuery(sessionQuery).data?.role === "reader";
  const remove = useMutation({
    mutationFn: removeNetwork,
    onSuccess: () => cache.invalidateQueries(networksQuery),
  });
  const { mutate } = remove;
  const shown = useMemo<Column<NetworkRange>[]>(
    () => [
      ...columns,
      {
        id: "remove",
        header: "Remove",
        cell: (n) => (
          <TextButton link aria-label={`Remove ${n.name}`} onClick={() => mutate(n.id)}>
            Remove
          </TextButton>
        ),
      },
    ],
    [mutate],
  );
  if (networks.isPending)
    return <CardSkeleton label="Reading the network catalogue" height={120} holds />;
  if (networks.isError)
    return (
      <Failure
        title="The network catalogue could not be read"
        error={networks.error}
        again={networks.refetch}
      />
    );
  const items = networks.data.items ?? [];
  return (
    <Card
      title="Network catalogue"
      count={items.length}
      note="own ranges: whose an address is follows from them; ranges of several sites may overlap"
      query={query}
    >
      {remove.isError && <Failure title="It was not removed" error={remove.error} />}
      {items.length === 0 ? (
        <Empty>
          No range has a name yet. The page of an address has a button for it; spoor network import
          takes many at once.
        </Empty>
      ) : (
        <PickedTable
          table="networks"
          label="Network catalogue"
          columns={reads ? columns : shown}
          rows={items}
        />
      )}
      <Text size={200} block>
        Queries look addresses up in it: evaluate ipv4_lookup(_GetWatchlist('SpoorNetworks'),
        RemoteIP, Network)
      </Text>
    </Card>
  );
}
