import {
  Badge,
  Button,
  makeStyles,
  Text,
  Textarea,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import { ArrowDownloadRegular, LinkRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { formNames } from "@/api/search";
import { type TriageRow, triageQuery } from "@/api/triage";
import { Card } from "@/components/Card";
import { type Column, DataTable, type Sort } from "@/components/DataTable";
import { toCSV, toJSON } from "@/components/download";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { saveFile } from "@/components/saveFile";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { keepTriageList, triageList } from "@/components/triageList";
import { Untrusted } from "@/components/Untrusted";
import { useColumnSet } from "@/components/useColumnSet";
import { exportColumns, exportRow, isCounted, sortRows } from "./rows";

const useStyles = makeStyles({
  page: { display: "grid", gap: "12px" },
  title: {
    margin: "4px 0 0",
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
  },
  form: { display: "grid", gap: "8px" },
  actions: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px" },
  muted: { color: tokens.colorNeutralForeground3 },
  badges: { display: "inline-flex", flexWrap: "wrap", gap: "4px" },
});

// Longer texts stay in the browser tab: not every program takes so long a link.
const longestLink = 6000;

/** A list of observables, and which of them were seen here. */
export function TriagePage() {
  const styles = useStyles();
  const navigate = useNavigate({ from: "/triage" });
  const { q, sort: order, columns: chosen } = useSearch({ from: "/triage" });
  const [text, setText] = useState(q ?? triageList());
  const [asked, setAsked] = useState(q ?? triageList());
  // A link that was followed brings another text.
  const [followed, setFollowed] = useState(q);
  if (q !== followed) {
    setFollowed(q);
    if (q !== undefined && q !== asked) {
      setText(q);
      setAsked(q);
    }
  }
  const answer = useQuery(triageQuery(asked));

  const look = () => {
    keepTriageList(text);
    setAsked(text);
    const linked = text.length <= longestLink ? text : undefined;
    setFollowed(linked);
    navigate({ search: { q: linked, sort: order, columns: chosen } });
  };

  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Triage</h1>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          look();
        }}
      >
        <Textarea
          aria-label="Observables"
          placeholder="Paste a list, a report or JSON: addresses, prefixes, domains, URLs, hashes, devices and accounts are found in any text, defanged or not."
          rows={6}
          resize="vertical"
          value={text}
          spellCheck={false}
          onChange={(_, { value }) => setText(value)}
        />
        <div className={styles.actions}>
          <Button type="submit" appearance="primary" disabled={text.trim() === ""}>
            Look them up
          </Button>
          <Text size={200} className={styles.muted}>
            Up to 1,000 at once; what stands twice is looked up once. Nothing leaves this server.
          </Text>
        </div>
      </form>
      {answer.isLoading && <CardSkeleton label="Looking them up" />}
      {answer.isError && (
        <Failure
          title="The list could not be looked up"
          error={answer.error}
          again={answer.refetch}
        />
      )}
      {answer.data && (
        <Result
          rows={answer.data.items ?? []}
          total={answer.data.total}
          seen={answer.data.seen}
          sort={readSort(order)}
          onSort={({ column, descending }) =>
            navigate({ search: { q, sort: descending ? `-${column}` : column, columns: chosen } })
          }
          word={chosen}
          onColumns={(word) => navigate({ search: { q, sort: order, columns: word } })}
          shareable={q !== undefined}
        />
      )}
    </div>
  );
}

function readSort(order: string | undefined): Sort | undefined {
  if (order === undefined) return undefined;
  return { column: order.replace(/^-/, ""), descending: order.startsWith("-") };
}

interface ResultProps {
  rows: readonly TriageRow[];
  total: number;
  seen: number;
  sort: Sort | undefined;
  onSort: (sort: Sort) => void;
  /** The columns that the link asks for. */
  word: string | undefined;
  onColumns: (word: string | undefined) => void;
  shareable: boolean;
}

function Result({ rows, total, seen, sort, onSort, word, onColumns, shareable }: ResultProps) {
  const styles = useStyles();
  const sorted = sortRows(rows, sort);
  const { shown, picker } = useColumnSet({
    table: "triage",
    label: "Triage",
    columns,
    usual: usualColumns,
    word,
    onWord: onColumns,
  });
  const save = (type: "csv" | "json") => {
    const values = sorted.map(exportRow);
    if (type === "csv") saveFile("triage.csv", "text/csv", toCSV(exportColumns, values));
    else saveFile("triage.json", "application/json", toJSON(exportColumns, values));
  };
  if (rows.length === 0) {
    return (
      <Card title="Observables">
        <Empty>
          No address, prefix, domain, URL, hash, device or account was found in this text.
        </Empty>
      </Card>
    );
  }
  return (
    <Card
      title="Observables"
      count={rows.length}
      note={`${formatCount(seen)} seen here, of all time${total > rows.length ? `; ${formatCount(total - rows.length)} more were left out` : ""}`}
    >
      <div className={styles.actions}>
        <Button size="small" icon={<ArrowDownloadRegular />} onClick={() => save("csv")}>
          Export CSV
        </Button>
        <Button size="small" icon={<ArrowDownloadRegular />} onClick={() => save("json")}>
          Export JSON
        </Button>
        {picker}
        {shareable ? (
          <Button
            size="small"
            icon={<LinkRegular />}
            onClick={() => void navigator.clipboard.writeText(window.location.href)}
          >
            Copy link
          </Button>
        ) : (
          <Text size={200} className={styles.muted}>
            The list is too long for a link; it stays in this browser tab.
          </Text>
        )}
      </div>
      <DataTable
        label="Triage"
        columns={shown}
        rows={sorted}
        sort={sort}
        onSort={onSort}
        maxHeight={640}
      />
    </Card>
  );
}

const columns: Column<TriageRow>[] = [
  {
    id: "value",
    header: "Observable",
    sortable: true,
    ascendingFirst: true,
    minWidth: 190,
    cell: (r) => <Observable row={r} />,
  },
  {
    id: "kind",
    header: "Kind",
    sortable: true,
    ascendingFirst: true,
    minWidth: 74,
    cell: (r) => formNames[r.kind ?? r.form],
  },
  { id: "seen", header: "Seen", cell: (r) => <Seen row={r} /> },
  {
    id: "first",
    header: "First",
    sortable: true,
    minWidth: 118,
    cell: (r) => time(r.first),
  },
  {
    id: "last",
    header: "Last",
    sortable: true,
    minWidth: 118,
    cell: (r) => time(r.last),
  },
  {
    id: "devices",
    header: "Devices",
    numeric: true,
    sortable: true,
    cell: (r) => (r.seen ? (isCounted(r) ? formatCount(r.devices) : "–") : ""),
  },
  { id: "outcome", header: "Outcome", sortable: true, cell: (r) => r.outcome ?? "" },
  {
    id: "country",
    header: "Country",
    sortable: true,
    ascendingFirst: true,
    minWidth: 96,
    cell: (r) => r.country ?? "",
  },
  {
    id: "asn",
    header: "AS",
    sortable: true,
    minWidth: 180,
    cell: (r) =>
      r.asn ? (
        <>
          <EntityChip kind="asn" id={`AS${r.asn}`} /> <Untrusted>{r.org ?? ""}</Untrusted>
        </>
      ) : (
        ""
      ),
  },
  { id: "noise", header: "Known noise", sortable: true, cell: (r) => <NoiseBadges row={r} /> },
  {
    id: "alerts",
    header: "Alerts",
    numeric: true,
    sortable: true,
    cell: (r) => (r.kind === "ip" ? formatCount(r.alerts) : ""),
  },
];

const usualColumns = columns.map(({ id }) => id);

function time(at: string | null): ReactNode {
  return at === null ? "" : <Moment at={at} to="minute" />;
}

function Observable({ row }: { row: TriageRow }) {
  const styles = useStyles();
  const other = row.id !== undefined && row.id !== row.value;
  return (
    <>
      <EntityChip kind={other ? row.form : (row.kind ?? row.form)} id={row.value} />
      {row.alias && (
        <Text block size={200} className={styles.muted}>
          <Untrusted>{row.alias}</Untrusted>
        </Text>
      )}
      {other && row.seen && (
        <Text block size={200} className={styles.muted}>
          its host: <EntityChip kind={row.kind ?? ""} id={row.id ?? ""} />
        </Text>
      )}
    </>
  );
}

function Seen({ row }: { row: TriageRow }) {
  if (row.form === "asn") return "—";
  if (row.addresses) return `${formatCount(row.addresses)} addresses`;
  if (row.seen) return row.contacted ? "contacted" : "seen";
  return row.mentioned > 0 ? "only mentioned" : "never";
}

function NoiseBadges({ row }: { row: TriageRow }) {
  const styles = useStyles();
  const byClass = Map.groupBy(row.noise ?? [], (n) => n.class);
  return (
    <span className={styles.badges}>
      {[...byClass].map(([name, lists]) => {
        const weak = lists.every((n) => n.weak);
        return (
          <Tooltip
            key={name}
            content={`${lists.map((n) => `${n.name}: ${n.entry}`).join("; ")}${weak ? "; a very broad list, a weak signal" : ""}`}
            relationship="description"
          >
            <Badge appearance={weak ? "outline" : "tint"} color="informative" tabIndex={0}>
              {name}
            </Badge>
          </Tooltip>
        );
      })}
    </span>
  );
}
