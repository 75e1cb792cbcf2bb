import { makeStyles, Text } from "@fluentui/react-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type NetworkRange, networksQuery, removeNetwork } from "@/api/networks";
import { mayChange, sessionQuery } from "@/api/session";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { useRemoval } from "./useRemoval";

const useStyles = makeStyles({ use: { marginTop: "6px" } });

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
    cell: (n) => (n.validFrom ? <Moment at={n.validFrom} to="minute" /> : "always"),
  },
  {
    id: "to",
    header: "Valid to",
    cell: (n) => (n.validTo ? <Moment at={n.validTo} to="minute" /> : "open"),
  },
  { id: "proxy", header: "Proxies believed", cell: (n) => (n.trustedProxy ? "yes" : "no") },
];

const nameOf = ({ name }: NetworkRange) => name;

/** The named ranges of the organisation, which queries can look addresses up in. */
export function NetworksCard() {
  const cache = useQueryClient();
  const networks = useQuery(networksQuery);
  const styles = useStyles();
  const writes = mayChange(useQuery(sessionQuery).data);
  const removal = useRemoval<NetworkRange>({
    called: nameOf,
    warning: ({ cidr, name }) => (
      <>
        <Untrusted>{`${cidr}, ${name}`}</Untrusted> leaves the catalogue. Unless another range holds
        them, its addresses are no longer counted as the organisation’s own, on every page.
      </>
    ),
    remove: ({ id }) => removeNetwork(id),
    onRemoved: async () => {
      await cache.invalidateQueries(networksQuery);
      // It changes whose an address is, and so most of what pages say.
      await cache.invalidateQueries({ queryKey: ["entity"] });
    },
  });
  const shown = useMemo(() => [...columns, removal.column], [removal.column]);
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
      note="an address in one of these is the organisation’s own; ranges of several sites may overlap"
      query={query}
    >
      {removal.dialog}
      {items.length === 0 ? (
        <Empty>
          No range has a name yet. The page of an address has a button for it;{" "}
          <code>spoor network import</code> takes many at once.
        </Empty>
      ) : (
        <PickedTable
          table="networks"
          label="Network catalogue"
          columns={writes ? shown : columns}
          rows={items}
        />
      )}
      <Text block size={200} className={styles.use}>
        Queries look addresses up in it:{" "}
        <code>evaluate ipv4_lookup(_GetWatchlist('SpoorNetworks'), RemoteIP, Network)</code>
      </Text>
    </Card>
  );
}
