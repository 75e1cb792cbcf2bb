import { Dropdown, makeStyles, Option, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode, useState } from "react";
import { type Connection, type ConnectionPage, connectionsQuery } from "@/api/flows";
import { Card } from "@/components/Card";
import { type Column, DataTable } from "@/components/DataTable";
import { EntityChip, HostChip } from "@/components/EntityChip";
import { FilterInput } from "@/components/FilterInput";
import { OpenQuery } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatBytes, formatCount } from "@/components/numbers";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { useDebounced } from "@/components/useDebounced";
import { compareAs, Gone, useComparedColumn } from "./comparing";
import {
  type ConnectionFilter,
  connectionFilter,
  connectionPredicate,
  outcomes,
} from "./connectionFilter";
import { connectionSort, sortedBy } from "./connectionSort";
import { NothingHere } from "./NothingHere";
import { Pager } from "./Pager";
import { formatSeconds } from "./seconds";
import { useColumns } from "./useColumns";
import type { EntityView } from "./view";

const pageSize = 50;
const connectionsCompared = { part: "flows", list: "connections" } as const;

const useStyles = makeStyles({
  bar: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px", marginBottom: "6px" },
  pick: { minWidth: "130px" },
  quiet: { color: tokens.colorNeutralForeground3 },
  // In one line: fingerprints that break anywhere make a row as tall as they are long.
  code: {
    display: "block",
    maxWidth: "260px",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase100,
  },
  stack: { display: "grid", gap: "1px" },
});

/** The connections as a table: sorted, filtered and paged by the server. */
export function ConnectionsCard({ view }: { view: EntityView }) {
  const styles = useStyles();
  const find = view.search.find ?? "";
  const q = useDebounced(find.trim(), 250);
  const sort = connectionSort(view.search.sort);
  const [offset, setOffset] = useState(0);
  const chosen = connectionFilter(view.search.where);
  const { outcome, protocol, direction } = chosen;
  const page: ConnectionPage = {
    limit: pageSize,
    offset,
    sort: sortedBy(sort),
    q: q || undefined,
    outcome,
    protocol,
    direction,
  };
  const answer = useQuery(connectionsQuery(view.scope, page));
  const { shown, picker } = useColumns(view, "connections", columns, usualColumns);
  const compared = useComparedColumn(view, connectionsCompared, compareAs);
  if (answer.isPending) return <CardSkeleton label="Reading the connections" height={320} holds />;
  if (answer.isError) {
    return (
      <Failure
        title="The connections could not be read"
        error={answer.error}
        again={answer.refetch}
      />
    );
  }
  const list = answer.data;
  const items = list.items ?? [];
  const filtered = q !== "" || outcome || protocol || direction;
  const narrow = (change: Partial<ConnectionFilter>) => {
    setOffset(0);
    view.update({ where: connectionPredicate({ ...chosen, ...change }) });
  };
  return (
    <Card
      title="Connections"
      count={list.total}
      note="a line for each pair of addresses, port and protocol; records of different sources are not added up"
      query={list.query}
    >
      <div className={styles.bar}>
        <FilterInput
          noun="connections"
          placeholder="Address, process, name, fingerprint"
          value={find}
          onChange={(value) => {
            setOffset(0);
            view.replace({ find: value || undefined });
          }}
        />
        <Pick
          label="Outcome"
          value={outcome}
          options={outcomes.filter((o) => (list.outcomes[o] ?? 0) > 0 || o === outcome)}
          counts={list.outcomes}
          onPick={(value) => narrow({ outcome: value })}
        />
        <Pick
          label="Protocol"
          value={protocol}
          options={Object.keys(list.protocols).filter((p) => p !== "")}
          counts={list.protocols}
          onPick={(value) => narrow({ protocol: value })}
        />
        <Pick
          label="Opened from"
          value={direction}
          options={["in", "out"] as const}
          names={{ in: "outside (in)", out: "inside (out)" }}
          onPick={(value) => narrow({ direction: value })}
        />
        {picker}
        <Pager
          noun="connections"
          offset={offset}
          shown={items.length}
          total={list.total}
          onBack={() => setOffset(Math.max(0, offset - pageSize))}
          onForth={() => setOffset(offset + pageSize)}
        >
          {list.truncated && " (of those with most records)"}
        </Pager>
      </div>
      {list.total === 0 ? (
        filtered ? (
          <Empty>No connection fits the filter.</Empty>
        ) : (
          <NothingHere view={view} of="connections">
            No record of a connection names it in this period. Zeek's conn.log, Suricata's flows,
            Sysmon event 3, Windows' filtering platform and Defender's network events fill this
            table.
          </NothingHere>
        )
      ) : (
        <DataTable
          label="Connections"
          columns={[...compared, ...shown]}
          rows={items}
          sort={sort}
          onSort={(next) => {
            setOffset(0);
            view.update({ sort: sortedBy(next) });
          }}
          total={list.total}
          offset={offset}
          maxHeight={460}
        />
      )}
      <Gone view={view} which={connectionsCompared} noun="connections" />
    </Card>
  );
}

interface PickProps<T extends string> {
  label: string;
  value?: T;
  options: readonly T[];
  names?: Record<T, string>;
  counts?: Record<string, number>;
  onPick: (value: T | undefined) => void;
}

function Pick<T extends string>({ label, value, options, names, counts, onPick }: PickProps<T>) {
  const styles = useStyles();
  const name = (option: T) => names?.[option] ?? option;
  return (
    <Dropdown
      className={styles.pick}
      size="small"
      aria-label={label}
      value={value === undefined ? `${label}: any` : `${label}: ${name(value)}`}
      selectedOptions={[value ?? ""]}
      onOptionSelect={(_, { optionValue }) => onPick(options.find((o) => o === optionValue))}
    >
      <Option value="" text="any">
        any
      </Option>
      {options.map((option) => (
        <Option key={option} value={option} text={name(option)}>
          {counts ? `${name(option)} (${formatCount(counts[option] ?? 0)})` : name(option)}
        </Option>
      ))}
    </Dropdown>
  );
}

const columns: Column<Connection>[] = [
  {
    id: "local",
    header: "Local",
    sortable: true,
    ascendingFirst: true,
    minWidth: 150,
    cell: (c) => <Ends address={c.local} device={c.device} />,
  },
  {
    id: "remote",
    header: "Remote",
    sortable: true,
    ascendingFirst: true,
    minWidth: 120,
    cell: (c) => <EntityChip kind="ip" id={c.remote} />,
  },
  {
    id: "port",
    header: "Port",
    sortable: true,
    ascendingFirst: true,
    numeric: true,
    cell: (c) => (c.port === 0 ? "–" : c.port),
  },
  { id: "protocol", header: "Protocol", cell: (c) => c.protocol || "–" },
  { id: "services", header: "Service", cell: (c) => <Stack of={c.services} as={asText} /> },
  {
    id: "direction",
    header: "Opened from",
    cell: (c) => (c.direction === "out" ? "inside →" : "outside ←"),
  },
  { id: "outcome", header: "Outcome", cell: (c) => c.outcome || "–" },
  {
    id: "records",
    header: "Records",
    numeric: true,
    sortable: true,
    cell: (c) => (
      <span
        title={(c.bySource ?? [])
          .map((s) => `${s.sourceKind} ${formatCount(s.records)}`)
          .join(" · ")}
      >{`${formatCount(c.records)} ${c.sourceKind}`}</span>
    ),
  },
  {
    id: "bytesOut",
    header: "Bytes out",
    numeric: true,
    sortable: true,
    cell: (c) => bytes(c.bytesOut),
  },
  {
    id: "bytesIn",
    header: "Bytes in",
    numeric: true,
    sortable: true,
    cell: (c) => bytes(c.bytesIn),
  },
  {
    id: "duration",
    header: "Duration",
    numeric: true,
    sortable: true,
    cell: (c) => (c.duration == null ? "not counted" : formatSeconds(c.duration)),
  },
  {
    id: "first",
    header: "First",
    sortable: true,
    minWidth: 112,
    cell: (c) => <Moment at={c.first} />,
  },
  {
    id: "last",
    header: "Last",
    sortable: true,
    minWidth: 112,
    cell: (c) => <Moment at={c.last} />,
  },
  {
    id: "beacon",
    header: "Beacon score",
    numeric: true,
    sortable: true,
    cell: (c) =>
      c.beaconScore == null ? (
        <span title="fewer than 30 records between the two">–</span>
      ) : (
        <span title={`rank ${c.beaconRank} among the pairs of this page`}>
          {c.beaconScore.toFixed(3)}
        </span>
      ),
  },
  {
    id: "processes",
    header: "Process",
    minWidth: 110,
    cell: (c) => <Stack of={c.processes} as={asText} />,
  },
  {
    id: "names",
    header: "TLS name (SNI)",
    minWidth: 110,
    cell: (c) => <Stack of={c.names} as={asHost} />,
  },
  {
    id: "prints",
    header: "JA3 · JA4 · HASSH",
    minWidth: 130,
    cell: (c) => <Stack of={printsOf(c)} as={asCode} />,
  },
  {
    id: "community",
    header: "Community ID",
    detail: "of the latest",
    cell: (c) => <Code>{c.communityId || "–"}</Code>,
  },
  {
    id: "query",
    header: "Query",
    cell: (c) => <OpenQuery query={c.query} of={`${c.local} and ${c.remote}, port ${c.port}`} />,
  },
];

const usualColumns = columns.map(({ id }) => id);

function bytes(n: number | null): string {
  return n === null ? "not counted" : formatBytes(n);
}

function Ends({ address, device }: { address: string; device?: string }) {
  const styles = useStyles();
  return (
    <span className={styles.stack}>
      {device && <EntityChip kind="device" id={device} oneLine />}
      <EntityChip kind="ip" id={address} />
    </span>
  );
}

/** So many values of a cell are shown; more would make its row as tall as a page. */
const shownValues = 3;

interface StackProps {
  of: readonly string[] | null;
  /** Draws one value. */
  as: (text: string) => ReactNode;
}

/** The first values, one under the other, and how many more there are. */
function Stack({ of, as }: StackProps) {
  const styles = useStyles();
  if (!of?.length) return "–";
  const more = of.slice(shownValues);
  return (
    <span className={styles.stack}>
      {of.slice(0, shownValues).map((text) => (
        <Fragment key={text}>{as(text)}</Fragment>
      ))}
      {more.length > 0 && (
        <span className={styles.quiet} title={more.join("\n")}>
          and {formatCount(more.length)} more
        </span>
      )}
    </span>
  );
}

const asText = (text: string) => <Untrusted>{text}</Untrusted>;
const asHost = (host: string) => <HostChip host={host} />;
const asCode = (text: string) => <Code>{text}</Code>;

function printsOf(c: Connection): string[] {
  const prints = [
    ["JA3", c.ja3],
    ["JA3S", c.ja3s],
    ["JA4", c.ja4],
    ["HASSH", c.hassh],
    ["HASSH server", c.hasshServer],
  ] as const;
  return prints.flatMap(([name, values]) => (values ?? []).map((v) => `${name} ${v}`));
}

function Code({ children }: { children: string }) {
  const styles = useStyles();
  return (
    <span className={styles.code} title={children}>
      <Untrusted oneLine>{children}</Untrusted>
    </span>
  );
}
