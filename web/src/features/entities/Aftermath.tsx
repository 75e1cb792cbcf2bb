import { makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type AftermathItem, aftermathQuery } from "@/api/entities";
import type { Column } from "@/components/DataTable";
import { AccountChip } from "@/components/EntityChip";
import { OpenQuery } from "@/components/links";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";

const lengths = [5, 10, 30, 60, 240];

const useStyles = makeStyles({
  box: {
    margin: "4px 0 8px",
    padding: "8px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  bar: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px", marginBottom: "4px" },
  cut: {
    display: "block",
    maxWidth: "520px",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
});

const columns: Column<AftermathItem>[] = [
  { id: "time", header: "Time", cell: (i) => <Moment at={i.time} />, minWidth: 128 },
  { id: "sort", header: "What", cell: (i) => i.sort },
  { id: "action", header: "Action", cell: (i) => <Untrusted>{i.actionType}</Untrusted> },
  { id: "name", header: "Name", cell: (i) => <Untrusted>{i.what}</Untrusted>, minWidth: 110 },
  { id: "detail", header: "Detail", cell: (i) => <Detail text={i.detail ?? ""} /> },
  { id: "by", header: "By or from", cell: (i) => <Untrusted>{i.by ?? ""}</Untrusted> },
  { id: "account", header: "Account", cell: (i) => <AccountChip account={i.account} /> },
];

function Detail({ text }: { text: string }) {
  const styles = useStyles();
  return (
    <span className={styles.cut} title={text}>
      <Untrusted oneLine>{text}</Untrusted>
    </span>
  );
}

/** Processes, files and logons on a device in the minutes after a moment. */
export function Aftermath({ device, at, site }: { device: string; at: string; site: string }) {
  const styles = useStyles();
  const [minutes, setMinutes] = useState(10);
  const [sort, setSort] = useState("process");
  const answer = useQuery(aftermathQuery(device, at, minutes, site || undefined));
  const rows = useMemo(
    () => (answer.data?.items ?? []).filter((i) => sort === "" || i.sort === sort),
    [answer.data, sort],
  );
  if (answer.isPending) return <CardSkeleton label="What happened next" height={160} />;
  if (answer.isError) {
    return (
      <Failure
        title="What happened next could not be read"
        error={answer.error}
        again={answer.refetch}
      />
    );
  }
  const { processes, files, logons, query } = answer.data;
  return (
    <section className={styles.box} aria-label={`What happened next on ${device}`}>
      <div className={styles.bar}>
        <Text size={200}>
          {formatCount(processes)} processes, {formatCount(files)} file events,{" "}
          {formatCount(logons)} logons in the
        </Text>
        <Select
          size="small"
          aria-label="Length"
          value={String(minutes)}
          onChange={(_, { value }) => setMinutes(Number(value))}
        >
          {lengths.map((n) => (
            <option key={n} value={n}>
              {n} minutes after <Moment at={at} />
            </option>
          ))}
        </Select>
        <Select
          size="small"
          aria-label="Which"
          value={sort}
          onChange={(_, { value }) => setSort(value)}
        >
          <option value="">all</option>
          <option value="process">processes</option>
          <option value="file">files</option>
          <option value="logon">logons</option>
        </Select>
        <OpenQuery query={query} of={`what happened next on ${device}`} />
      </div>
      {rows.length === 0 ? (
        <Empty>
          No event of that sort in these minutes; DeviceProcessEvents, DeviceFileEvents and
          DeviceLogonEvents of the device were searched.
        </Empty>
      ) : (
        <PickedTable
          table="aftermath"
          label="What happened next"
          columns={columns}
          rows={rows}
          maxHeight={260}
        />
      )}
    </section>
  );
}
