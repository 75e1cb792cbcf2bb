import { makeStyles, Tab, TabList } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { addressesQuery, devicesQuery, type Many, peersQuery } from "@/api/entities";
import { formatCount } from "@/components/numbers";
import { addressColumns, usualAddressColumns } from "./addressColumns";
import { addressOf, compareAs, Gone, useComparedColumn } from "./comparing";
import { noDevices, usualDeviceColumns, wholeDeviceColumns } from "./deviceColumns";
import { addressesCompared, GoneAddresses } from "./GoneAddresses";
import { ObservedCard } from "./ObservedCard";
import { peerColumns, usualPeerColumns } from "./peerColumns";
import { useViewPage } from "./useViewPage";
import { type EntityView, sameStory } from "./view";

const pageSize = 200;

const devicesCompared = { part: "page", list: "devices" } as const;
const peersCompared = { part: "page", list: "peers" } as const;

/** The lists, as the link names them. */
const lists = ["addresses", "devices", "peers"] as const;

const useStyles = makeStyles({
  column: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "8px" },
});

/**
 * Every own host that dealt with the entity, and the addresses at the other end; of many
 * addresses first of all those that were seen.
 */
export function TabObserved({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { devices, peers, many } = view.page;
  const first = many ? "addresses" : "devices";
  const open = lists.find((name) => name === view.search.show) ?? first;
  return (
    <div className={styles.column}>
      <TabList
        size="small"
        aria-label="Which list"
        selectedValue={open}
        onTabSelect={(_, { value }) =>
          view.update({
            show: lists.find((name) => name === value && name !== first),
            find: undefined,
            sort: undefined,
            columns: undefined,
          })
        }
      >
        {many && <Tab value="addresses">Addresses ({formatCount(many.addresses.total)})</Tab>}
        <Tab value="devices">Devices ({formatCount(devices.total)})</Tab>
        <Tab value="peers">Peers ({formatCount(peers.total)})</Tab>
      </TabList>
      {open === "addresses" && many && <Addresses view={view} many={many} />}
      {open === "devices" && <Devices view={view} />}
      {open === "peers" && <Peers view={view} />}
    </div>
  );
}

function Addresses({ view, many }: { view: EntityView; many: Many }) {
  const list = useViewPage(view, pageSize);
  const answer = useQuery(addressesQuery(view.scope, list.page));
  const columns = useMemo(() => addressColumns(sameStory(view)), [view]);
  const compared = useComparedColumn(view, addressesCompared, addressOf);
  return (
    <ObservedCard
      view={view}
      noun="addresses"
      note="those seen, one line each, as their own pages have them"
      list={list}
      answer={answer}
      columns={columns}
      usual={usualAddressColumns}
      compared={many.wide ? [] : compared}
      gone={<GoneAddresses view={view} many={many} />}
      empty="None of its addresses was seen in this period."
    />
  );
}

function Devices({ view }: { view: EntityView }) {
  const list = useViewPage(view, pageSize);
  const answer = useQuery(devicesQuery(view.scope, list.page));
  const columns = useMemo(
    () => wholeDeviceColumns((site) => view.update({ site }), sameStory(view)),
    [view],
  );
  const compared = useComparedColumn(view, devicesCompared, compareAs);
  return (
    <ObservedCard
      view={view}
      noun="devices"
      note="own hosts, one line each; a refused connection is no contact"
      list={list}
      answer={answer}
      columns={columns}
      usual={usualDeviceColumns(view.entity.kind, view.page.sites?.length ?? 0)}
      compared={compared}
      gone={<Gone view={view} which={devicesCompared} noun="devices" kind="device" />}
      empty={noDevices(view.entity.kind)}
    />
  );
}

function Peers({ view }: { view: EntityView }) {
  const list = useViewPage(view, pageSize);
  const answer = useQuery(peersQuery(view.scope, list.page));
  const columns = useMemo(() => peerColumns(sameStory(view)), [view]);
  const compared = useComparedColumn(view, peersCompared, addressOf);
  return (
    <ObservedCard
      view={view}
      noun="peers"
      note="addresses at the other end, one line each"
      list={list}
      answer={answer}
      columns={columns}
      usual={usualPeerColumns}
      compared={compared}
      gone={<Gone view={view} which={peersCompared} noun="peers" kind="ip" />}
      empty="No address stood at the other end in this period."
    />
  );
}
