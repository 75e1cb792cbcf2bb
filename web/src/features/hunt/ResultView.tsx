import {
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ChevronLeftRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { useMemo, useState } from "react";
import type { QueryResult, ResultColumn } from "@/api/query";
import { type Column, DataTable } from "@/components/DataTable";
import { toCSV, toJSON } from "@/components/download";
import { counted, formatCount } from "@/components/numbers";
import { Empty } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { useColumnSet } from "@/components/useColumnSet";
import { isNumeric } from "@/components/value";
import { shownZone, utc } from "@/time/zone";
import { Cell } from "./Cell";
import { DownloadButton } from "./DownloadButton";
import { entityOfCell } from "./entityOfCell";
import { filledColumns, manyColumns } from "./filledColumns";
import { RowPanel } from "./RowPanel";

type Row = readonly unknown[];

/** A table of thousands of columns would hold the browser up for minutes. */
const columnsAtOnce = 100;

const useStyles = makeStyles({
  result: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "8px",
    padding: "12px 14px",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow2,
  },
  bar: { display: "flex", alignItems: "center", gap: "6px" },
  push: { marginLeft: "auto" },
  open: { minWidth: "20px", height: "20px", padding: 0 },
});

interface ResultViewProps {
  result: QueryResult;
  /** The columns that the link asks for. */
  columns: string | undefined;
  onColumns: (word: string | undefined) => void;
}

/** The rows that a query gave. */
export function ResultView({ result, columns: word, onColumns }: ResultViewProps) {
  const styles = useStyles();
  const [opened, setOpened] = useState<Row | null>(null);
  const columns = useMemo(() => result.columns ?? [], [result.columns]);
  const rows = useMemo<Row[]>(() => (result.rows ?? []).map((r) => r ?? []), [result.rows]);
  // A search has the columns of all tables: thousands, of which a few hold anything.
  const many = columns.length > manyColumns;
  const [whole, setWhole] = useState(false);
  const names = useMemo(() => columns.map(({ name }) => name ?? ""), [columns]);
  const named = useMemo(() => names.map((name, at) => ({ id: name, header: name, at })), [names]);
  const { shown: picked, picker } = useColumnSet({
    table: "query",
    label: "the result",
    columns: named,
    usual: names,
    word: many ? undefined : word,
    onWord: onColumns,
  });
  const shown = useMemo(() => {
    if (!many) return picked.map(({ at }) => at);
    return whole ? [...names.keys()] : filledColumns(names.length, rows);
  }, [names, rows, many, whole, picked]);
  const [at, setFrom] = useState(0);
  const from = at < shown.length ? at : 0; // another result may have fewer
  const part = useMemo(() => shown.slice(from, from + columnsAtOnce), [shown, from]);
  const tableColumns = useMemo(
    () => columnsOf(columns, part, styles.open, setOpened),
    [columns, part, styles],
  );
  return (
    <section className={styles.result} aria-label="Result">
      <div className={styles.bar}>
        <Text size={200} role="status">
          {counted(rows.length, "row")} in {formatCount(Math.round(result.elapsedMs))} ms
        </Text>
        <span className={styles.push} />
        {!many && rows.length > 0 && picker}
        <DownloadButton
          label="CSV"
          file="result.csv"
          type="text/csv"
          write={toCSV}
          {...{ columns, rows, shown }}
        />
        <DownloadButton
          label="JSON"
          file="result.json"
          type="application/json"
          write={toJSON}
          {...{ columns, rows, shown }}
        />
      </div>
      {remarks(result).map((remark) => (
        <MessageBar key={remark} intent="warning" layout="multiline">
          <MessageBarBody>{remark}</MessageBarBody>
        </MessageBar>
      ))}
      {rows.length === 0 ? (
        <Empty>The query ran and gave no rows.</Empty>
      ) : (
        <DataTable label="Result rows" columns={tableColumns} rows={rows} maxHeight={620} />
      )}
      {many && rows.length > 0 && (
        <Text size={200}>
          {whole
            ? `All ${formatCount(columns.length)} columns. `
            : `${formatCount(columns.length - shown.length)} of ${formatCount(columns.length)} columns hold nothing and are left out. `}
          <TextButton
            link
            onClick={() => {
              setWhole(!whole);
              setFrom(0);
            }}
          >
            {whole ? "Leave out empty ones" : "Show them"}
          </TextButton>
        </Text>
      )}
      {shown.length > columnsAtOnce && rows.length > 0 && (
        <div className={styles.bar}>
          <Text size={200} role="status">
            Columns {formatCount(from + 1)}–{formatCount(from + part.length)} of{" "}
            {formatCount(shown.length)}
          </Text>
          <Button
            size="small"
            appearance="subtle"
            icon={<ChevronLeftRegular />}
            aria-label="Previous columns"
            disabled={from === 0}
            onClick={() => setFrom(from - columnsAtOnce)}
          />
          <Button
            size="small"
            appearance="subtle"
            icon={<ChevronRightRegular />}
            aria-label="Next columns"
            disabled={from + columnsAtOnce >= shown.length}
            onClick={() => setFrom(from + columnsAtOnce)}
          />
        </div>
      )}
      {opened && <RowPanel columns={columns} row={opened} onClose={() => setOpened(null)} />}
    </section>
  );
}

function columnsOf(
  columns: readonly ResultColumn[],
  shown: readonly number[],
  openClass: string,
  onOpen: (row: Row) => void,
): Column<Row>[] {
  const open: Column<Row> = {
    id: "open",
    header: "Row",
    cell: (row) => (
      <Button
        className={openClass}
        appearance="transparent"
        size="small"
        icon={<ChevronRightRegular />}
        aria-label="Show the whole row"
        onClick={() => onOpen(row)}
      />
    ),
  };
  const values = shown.map((i) => {
    const { name = "", type = "" } = columns[i] ?? {};
    return {
      id: `${i}`,
      header: name,
      // A query's own times are in UTC; what is shown may not be.
      detail: type === "datetime" && shownZone() !== utc ? `${type}, ${shownZone()}` : type,
      numeric: isNumeric(type),
      cell: (row: Row) => (
        <Cell type={type} value={row[i]} column={name} entity={entityOfCell(columns, row, i)} />
      ),
    };
  });
  return [open, ...values];
}

function remarks({ truncated, warnings }: QueryResult): string[] {
  const texts = (warnings ?? []).map(
    (w) => `Line ${w.line}, column ${w.column}: ${w.code}: ${w.message}`,
  );
  return truncated ? [truncated, ...texts] : texts;
}
