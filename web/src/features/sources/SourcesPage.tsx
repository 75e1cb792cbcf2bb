import { makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { coverageQuery } from "@/api/coverage";
import { type LogSource, sourcesQuery } from "@/api/sources";
import { Card } from "@/components/Card";
import { CoverageTable } from "@/components/CoverageTable";
import type { Column } from "@/components/DataTable";
import { FilterInput } from "@/components/FilterInput";
import { inOrder } from "@/components/inOrder";
import { TextLink } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatBytes, formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { rowsOfSource } from "@/kql/hunt";
import { NoiseCard, TransparencyCard } from "./ListsCards";
import { lastFirst } from "./lastFirst";
import { NetworksCard } from "./NetworksCard";

const useStyles = makeStyles({
  page: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", ...inOrder },
  filter: { marginBottom: "6px" },
  title: {
    margin: "4px 0 0",
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
  },
});

/** What was taken in, by file or stream and by kind of record. */
export function SourcesPage() {
  const styles = useStyles();
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Sources</h1>
      <Taken />
      <Kinds />
      <NetworksCard />
      <NoiseCard />
      <TransparencyCard />
    </div>
  );
}

const columns: Column<LogSource>[] = [
  { id: "name", header: "Source", cell: (s) => <Untrusted>{s.name}</Untrusted>, minWidth: 200 },
  { id: "site", header: "Site", cell: (s) => <Untrusted>{s.site}</Untrusted>, minWidth: 56 },
  { id: "format", header: "Format", cell: (s) => s.format },
  { id: "read", header: "Read", numeric: true, cell: (s) => formatCount(s.records) },
  { id: "stored", header: "Stored", numeric: true, cell: (s) => formatCount(s.stored) },
  {
    id: "unmapped",
    header: "Unmapped",
    numeric: true,
    cell: (s) => <Rows of={s} table="SpoorRaw" count={s.unmapped} />,
  },
  {
    id: "quarantined",
    header: "Quarantined",
    numeric: true,
    cell: (s) => <Rows of={s} table="SpoorQuarantine" count={s.quarantined} />,
  },
  { id: "bytes", header: "Size", numeric: true, cell: (s) => formatBytes(s.bytes) },
  {
    id: "clock",
    header: "Clock offset",
    cell: (s) => (s.clockOffset === "00:00:00" ? "" : s.clockOffset),
  },
  {
    id: "last",
    header: "Last taken in",
    cell: (s) => <Moment at={s.lastIngested} to="minute" />,
    minWidth: 100,
  },
];

/** How many records of a source are in a table of their own, and the way to them. */
function Rows({ of, table, count }: { of: LogSource; table: string; count: number }) {
  if (count === 0) return "0";
  return (
    <TextLink to="/query" search={{ q: rowsOfSource(table, of) }} title={`Show them in ${table}`}>
      {formatCount(count)}
    </TextLink>
  );
}

const sourcesKql = `SpoorSources
| project SourceName, Site, Format, Records, Stored, Unmapped, Quarantined, Bytes, ClockOffset, LastIngestedAt
| sort by LastIngestedAt desc`;

function Taken() {
  const styles = useStyles();
  const sources = useQuery(sourcesQuery);
  const [filter, setFilter] = useState("");
  const shown = useMemo(() => lastFirst(sources.data?.items ?? [], filter), [sources.data, filter]);
  if (sources.isPending) return <CardSkeleton label="Reading the sources" height={480} holds />;
  if (sources.isError)
    return (
      <Failure
        title="The sources could not be read"
        error={sources.error}
        again={sources.refetch}
      />
    );
  const total = sources.data.items?.length ?? 0;
  return (
    <Card
      title="Files and streams"
      count={total}
      note="read = stored + unmapped + quarantined"
      query={sourcesKql}
    >
      {total === 0 ? (
        <Empty>
          Nothing was taken in yet: <code>spoor ingest PATH</code> takes files, folders and archives
          in.
        </Empty>
      ) : (
        <>
          <div className={styles.filter}>
            <FilterInput
              noun="files and streams"
              placeholder="Name or site"
              value={filter}
              onChange={setFilter}
            />
          </div>
          {shown.length === 0 ? (
            <Empty>None has that in its name or site.</Empty>
          ) : (
            <PickedTable table="sources" label="Files and streams" columns={columns} rows={shown} />
          )}
        </>
      )}
    </Card>
  );
}

function Kinds() {
  const coverage = useQuery(coverageQuery);
  if (coverage.isPending) return <CardSkeleton label="Reading the coverage" height={480} holds />;
  if (coverage.isError)
    return (
      <Failure
        title="The coverage could not be read"
        error={coverage.error}
        again={coverage.refetch}
      />
    );
  const items = coverage.data.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title="Kinds of records" count={items.length}>
      <CoverageTable label="Kinds of records" rows={items} />
    </Card>
  );
}
