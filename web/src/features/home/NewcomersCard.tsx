import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { type Newcomer, newcomersQuery } from "@/api/home";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { describePeriod } from "@/time/range";

const useStyles = makeStyles({
  lead: { display: "block", marginBottom: "6px", color: tokens.colorNeutralForeground2 },
});

const title = "New external addresses, the rarest first";

const columns: Column<Newcomer>[] = [
  {
    id: "address",
    header: "Address",
    minWidth: 132,
    cell: (n) => <EntityChip kind="ip" id={n.address} />,
  },
  { id: "devices", header: "Devices", numeric: true, cell: (n) => formatCount(n.devices) },
  {
    id: "first",
    header: "First seen",
    minWidth: 104,
    cell: (n) => <Moment at={n.first} to="minute" />,
  },
  {
    id: "last",
    header: "Last seen",
    minWidth: 104,
    cell: (n) => <Moment at={n.last} to="minute" />,
  },
  {
    id: "country",
    header: "Country",
    minWidth: 84,
    cell: (n) => <Untrusted>{n.country ?? "–"}</Untrusted>,
  },
  { id: "asn", header: "AS", minWidth: 130, cell: (n) => <System of={n} /> },
  {
    id: "noise",
    header: "Known as",
    cell: (n) => <Untrusted>{(n.noise ?? []).map((x) => x.class).join(", ") || "–"}</Untrusted>,
  },
];

function System({ of: { asn, org } }: { of: Newcomer }) {
  if (!asn) return "–";
  return (
    <>
      <EntityChip kind="asn" id={`AS${asn}`} /> <Untrusted>{org ?? ""}</Untrusted>
    </>
  );
}

/** Addresses that nobody here had met before these days. */
export function NewcomersCard() {
  const styles = useStyles();
  const answer = useQuery(newcomersQuery);
  if (answer.isPending)
    return <CardSkeleton label="Looking for new addresses" height={420} holds />;
  if (answer.isError) {
    return (
      <Card title={title}>
        <Failure
          title="New addresses could not be looked for"
          error={answer.error}
          again={answer.refetch}
        />
      </Card>
    );
  }
  const { items, total, query, range } = answer.data;
  const shown = items ?? [];
  return (
    <Card title={title} count={total} note={describePeriod(range)} query={query}>
      <Text size={200} className={styles.lead}>
        Outside addresses first seen at all in these days, with an established or permitted
        connection. {range.shifted && `Shown because there is ${range.note}.`}
      </Text>
      {total === 0 ? (
        <Empty>
          None: all that was in contact in these days, in the records of connections of all sources,
          was known before.
        </Empty>
      ) : (
        <PickedTable
          table="newcomers"
          label={title}
          columns={columns}
          rows={shown}
          total={total}
          maxHeight={360}
        />
      )}
      {shown.length < total && (
        <Text size={200}>
          The first {formatCount(shown.length)} of {formatCount(total)}; the query has all.
        </Text>
      )}
    </Card>
  );
}
