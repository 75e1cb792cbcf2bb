import { Button, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ChevronLeftRegular, ChevronRightRegular, FilterRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { formatCount } from "@/components/numbers";
import type { ListPage } from "./useListPage";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px",
    marginBottom: "6px",
  },
  filter: { width: "260px" },
  right: { marginLeft: "auto", display: "flex", alignItems: "center", gap: "4px" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface ListTableProps<T> {
  /** What is listed, in the plural and in lower case. */
  noun: string;
  list: ListPage;
  columns: readonly Column<T>[];
  rows: readonly T[];
  total: number;
  maxHeight?: number;
  /** What else can be done with the list, beside its filter. */
  tools?: ReactNode;
}

/** One page of a list, with its filter and where one is in it. */
export function ListTable<T extends object>(props: ListTableProps<T>) {
  const { noun, list, columns, rows, total, maxHeight, tools } = props;
  const { offset } = list.page;
  const styles = useStyles();
  return (
    <>
      <div className={styles.bar}>
        <Input
          className={styles.filter}
          size="small"
          contentBefore={<FilterRegular />}
          placeholder={`Filter ${noun}`}
          aria-label={`Filter ${noun}`}
          value={list.filter}
          onChange={(_, { value }) => list.setFilter(value)}
        />
        {tools}
        <div className={styles.right}>
          <Text size={200} className={styles.quiet} role="status">
            {position(offset, rows.length, total, noun)}
          </Text>
          <Button
            size="small"
            appearance="subtle"
            icon={<ChevronLeftRegular />}
            aria-label={`Previous ${noun}`}
            disabled={offset === 0}
            onClick={list.back}
          />
          <Button
            size="small"
            appearance="subtle"
            icon={<ChevronRightRegular />}
            aria-label={`Next ${noun}`}
            disabled={offset + rows.length >= total}
            onClick={list.forth}
          />
        </div>
      </div>
      <DataTable
        label={noun.charAt(0).toUpperCase() + noun.slice(1)}
        columns={columns}
        rows={rows}
        sort={list.sort}
        onSort={list.setSort}
        total={total}
        offset={offset}
        maxHeight={maxHeight}
      />
    </>
  );
}

function position(offset: number, shown: number, total: number, noun: string): string {
  if (shown === 0) return `no ${noun}`;
  if (shown === total) return `all ${formatCount(total)} ${noun}`;
  return `${formatCount(offset + 1)}–${formatCount(offset + shown)} of ${formatCount(total)} ${noun}`;
}
