import {
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useMemo } from "react";
import type { QueryResult } from "@/api/query";
import { type Column, DataTable } from "@/components/DataTable";
import { formatCount } from "@/components/numbers";
import { Empty } from "@/components/states";
import { Cell } from "./Cell";
import { toCSV, toJSON } from "./download";
import { isNumeric } from "./value";

type Row = readonly unknown[];

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
});

/** The rows that a query gave. */
export function ResultView({ result }: { result: QueryResult }) {
  const styles = useStyles();
  const columns = useMemo(() => result.columns ?? [], [result.columns]);
  const rows = useMemo<Row[]>(() => (result.rows ?? []).map((r) => r ?? []), [result.rows]);
  const tableColumns = useMemo(() => columnsOf(columns), [columns]);
  return (
    <section className={styles.result} aria-label="Result">
      <div className={styles.bar}>
        <Text size={200} role="status">
          {formatCount(rows.length)} {rows.length === 1 ? "row" : "rows"} in{" "}
          {formatCount(result.elapsedMs)} ms
        </Text>
        <span className={styles.push} />
        <Button
          size="small"
          appearance="subtle"
          icon={<ArrowDownloadRegular />}
          onClick={() => save("result.csv", "text/csv", toCSV(columns, rows))}
        >
          CSV
        </Button>
        <Button
          size="small"
          appearance="subtle"
          icon={<ArrowDownloadRegular />}
          onClick={() => save("result.json", "application/json", toJSON(columns, rows))}
        >
          JSON
        </Button>
      </div>
      {result.truncated && (
        <MessageBar intent="warning">
          <MessageBarBody>{result.truncated}</MessageBarBody>
        </MessageBar>
      )}
      {rows.length === 0 ? (
        <Empty>The query ran and gave no rows.</Empty>
      ) : (
        <DataTable label="Result rows" columns={tableColumns} rows={rows} maxHeight={620} />
      )}
    </section>
  );
}

function columnsOf(columns: readonly { name: string; type: string }[]): Column<Row>[] {
  return columns.map(({ name, type }, i) => ({
    id: `${i}`,
    header: name,
    detail: type,
    numeric: isNumeric(type),
    cell: (row) => <Cell type={type} value={row[i]} column={name} />,
  }));
}

function save(name: string, type: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
