import { Button, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ChevronLeftRegular, ChevronRightRegular, FilterRegular } from "@fluentui/react-icons";
import { formatCount } from "@/components/numbers";

const useStyles = makeStyles({
  bar: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px", marginBottom: "6px" },
  filter: { width: "260px" },
  right: { marginLeft: "auto", display: "flex", alignItems: "center", gap: "4px" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

export const pageSize = 100;

interface PagedBarProps {
  /** What is listed, in the plural. */
  noun: string;
  filterLabel: string;
  filter: string;
  onFilter: (filter: string) => void;
  offset: number;
  shown: number;
  total: number;
  onOffset: (offset: number) => void;
}

/** The filter of a list and where one is in it. */
export function PagedBar(props: PagedBarProps) {
  const { noun, filterLabel, filter, onFilter, offset, shown, total, onOffset } = props;
  const styles = useStyles();
  return (
    <div className={styles.bar}>
      <Input
        className={styles.filter}
        size="small"
        contentBefore={<FilterRegular />}
        placeholder={filterLabel}
        aria-label={filterLabel}
        value={filter}
        onChange={(_, { value }) => onFilter(value)}
      />
      <div className={styles.right}>
        <Text size={200} className={styles.quiet} role="status">
          {position(offset, shown, total, noun)}
        </Text>
        <Button
          size="small"
          appearance="subtle"
          icon={<ChevronLeftRegular />}
          aria-label={`Previous ${noun}`}
          disabled={offset === 0}
          onClick={() => onOffset(Math.max(0, offset - pageSize))}
        />
        <Button
          size="small"
          appearance="subtle"
          icon={<ChevronRightRegular />}
          aria-label={`Next ${noun}`}
          disabled={offset + shown >= total}
          onClick={() => onOffset(offset + pageSize)}
        />
      </div>
    </div>
  );
}

function position(offset: number, shown: number, total: number, noun: string): string {
  if (shown === 0) return `no ${noun}`;
  if (shown === total) return `all ${formatCount(total)} ${noun}`;
  return `${formatCount(offset + 1)}–${formatCount(offset + shown)} of ${formatCount(total)} ${noun}`;
}
