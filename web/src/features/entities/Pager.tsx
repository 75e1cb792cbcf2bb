import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ChevronLeftRegular, ChevronRightRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { countedAll, formatCount } from "@/components/numbers";

const useStyles = makeStyles({
  pager: { marginLeft: "auto", display: "flex", alignItems: "center", gap: "4px" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface PagerProps {
  /** What is listed, in the plural and in lower case. */
  noun: string;
  /** The ordinal of the first row in sight, how many are, and how many there are. */
  offset: number;
  shown: number;
  total: number;
  onBack: () => void;
  onForth: () => void;
  /** What else is to be said of the list. */
  children?: ReactNode;
}

/** Where one is in a list that the server pages, and the way on. */
export function Pager({ noun, offset, shown, total, onBack, onForth, children }: PagerProps) {
  const styles = useStyles();
  return (
    <div className={styles.pager}>
      <Text size={200} className={styles.quiet} role="status">
        {position(offset, shown, total, noun)}
        {children}
      </Text>
      <Button
        size="small"
        appearance="subtle"
        icon={<ChevronLeftRegular />}
        aria-label={`Previous ${noun}`}
        disabled={offset === 0}
        onClick={onBack}
      />
      <Button
        size="small"
        appearance="subtle"
        icon={<ChevronRightRegular />}
        aria-label={`Next ${noun}`}
        disabled={offset + shown >= total}
        onClick={onForth}
      />
    </div>
  );
}

function position(offset: number, shown: number, total: number, noun: string): string {
  if (shown === 0) return `no ${noun}`;
  if (shown === total) return countedAll(total, noun);
  return `${formatCount(offset + 1)}–${formatCount(offset + shown)} of ${formatCount(total)} ${noun}`;
}
