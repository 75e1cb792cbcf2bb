import { makeStyles } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type OwnUse, ownUseQuery } from "@/api/entities";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { AccountChip, EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { addressOf, compareAs, Gone, useComparedColumn } from "./comparing";
import { NothingHere } from "./NothingHere";
import { peerColumns } from "./peerColumns";
import { type EntityView, sameStory } from "./view";

type Logon = NonNullable<OwnUse["logons"]>[number];
type Exposure = NonNullable<OwnUse["exposure"]>[number];

const height = 220;

const useStyles = makeStyles({
  pair: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(380px, 1fr))",
    gap: "12px",
    "@media (max-width: 800px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
});

const exposureCompared = { part: "own", list: "exposure" } as const;
const logonsCompared = { part: "own", list: "logons" } as const;
const peersCompared = { part: "page", list: "peers" } as const;

const exposureColumns: Column<Exposure>[] = [
  {
    id: "port",
    header: "Port",
    minWidth: 70,
    cell: (e) => <Untrusted oneLine>{[e.port, e.protocol].filter(Boolean).join(" ")}</Untrusted>,
  },
  {
    id: "process",
    header: "Taken by",
    minWidth: 84,
    cell: (e) => <Untrusted>{e.process ?? ""}</Untrusted>,
  },
  { id: "peers", header: "From", numeric: true, cell: (e) => formatCount(e.peers) },
  {
    id: "records",
    header: "Records",
    minWidth: 100,
    cell: (e) => `${formatCount(e.records)} ${e.sourceKind}`,
  },
  { id: "last", header: "Last", cell: (e) => <Moment at={e.last} to="minute" />, minWidth: 112 },
];

const logonColumns: Column<Logon>[] = [
  {
    id: "device",
    header: "On",
    minWidth: 140,
    cell: (l) => <EntityChip kind="device" id={l.deviceName} />,
  },
  {
    id: "account",
    header: "Account",
    minWidth: 120,
    cell: (l) => <AccountChip account={l.account} />,
  },
  {
    id: "action",
    header: "Action",
    minWidth: 100,
    cell: (l) => <Untrusted>{l.actionType}</Untrusted>,
  },
  {
    id: "type",
    header: "Type",
    minWidth: 76,
    cell: (l) => <Untrusted>{l.logonType ?? ""}</Untrusted>,
  },
  { id: "records", header: "Records", numeric: true, cell: (l) => formatCount(l.records) },
  { id: "last", header: "Last", cell: (l) => <Moment at={l.last} to="minute" />, minWidth: 112 },
];

const shortPeerColumns = ["name", "records", "contacted", "first"];

/** What is asked of an address of the organisation: exposure, logons, peers. */
export function OwnUseCards({ view }: { view: EntityView }) {
  const styles = useStyles();
  const answer = useQuery(ownUseQuery(view.scope));
  const columns = useMemo(() => peerColumns(sameStory(view)), [view]);
  const comparedPeer = useComparedColumn(view, peersCompared, addressOf);
  const comparedPort = useComparedColumn(view, exposureCompared, compareAs);
  const comparedLogon = useComparedColumn(view, logonsCompared, compareAs);
  if (answer.isPending) return <CardSkeleton label="Use of the address" height={height} holds />;
  if (answer.isError) {
    return (
      <Card title="Use of the address">
        <Failure
          title="The use of the address could not be read"
          error={answer.error}
          again={answer.refetch}
        />
      </Card>
    );
  }
  const use = answer.data;
  const exposure = use.exposure ?? [];
  const logons = use.logons ?? [];
  const fresh = use.new ?? [];
  const busiest = view.page.peers.items ?? [];
  return (
    <div className={styles.pair}>
      <Card
        title="Inbound exposure"
        note="ports on which others got through to it"
        query={use.exposureQuery}
      >
        {exposure.length === 0 ? (
          <NothingHere view={view} of="connections">
            Nobody got through to it in this period.
          </NothingHere>
        ) : (
          <PickedTable
            table="exposure"
            label="Inbound exposure"
            columns={exposureColumns}
            before={comparedPort}
            rows={exposure}
            maxHeight={height}
          />
        )}
        <Gone view={view} which={exposureCompared} noun="exposed ports" />
      </Card>
      <Card title="Logons from it" note="to other hosts" query={use.logonsQuery}>
        {logons.length === 0 ? (
          <NothingHere view={view} of="logons">
            No host reports a logon from it in this period.
          </NothingHere>
        ) : (
          <PickedTable
            table="logons"
            label="Logons from it"
            columns={logonColumns}
            before={comparedLogon}
            rows={logons}
            maxHeight={height}
          />
        )}
        <Gone view={view} which={logonsCompared} noun="logons" />
      </Card>
      <Card title="Busiest peers" count={view.page.peers.total} query={view.page.peers.query}>
        <PickedTable
          table="busiest-peers"
          label="Busiest peers"
          columns={columns}
          usual={shortPeerColumns}
          before={comparedPeer}
          rows={busiest}
          maxHeight={height}
        />
        <Gone view={view} which={peersCompared} noun="peers" kind="ip" />
      </Card>
      <Card
        title="New peers"
        count={use.newPeers}
        note={`of ${formatCount(use.peers)}; never seen with it before this period`}
        query={use.peersQuery}
      >
        {fresh.length === 0 ? (
          <NothingHere view={view} of="connections">
            All its peers were known before this period.
          </NothingHere>
        ) : (
          <PickedTable
            table="new-peers"
            label="New peers"
            columns={columns}
            usual={shortPeerColumns}
            before={comparedPeer}
            rows={fresh}
            maxHeight={height}
          />
        )}
      </Card>
    </div>
  );
}
