import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { formatMinute } from "@/time/format";
import { age } from "./geo";

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground3 } });

interface NameFactProps {
  first: string;
  last: string;
  /** How many records, by what saw them. */
  counts: string;
}

/** When and how often a name was seen, and how old that is. */
export function NameFact({ first, last, counts }: NameFactProps) {
  const styles = useStyles();
  const [from, to] = [formatMinute(first), formatMinute(last)];
  const times = from === to ? from : `${from} – ${to}`;
  return (
    <Text block size={100} className={styles.quiet}>
      {counts} · {times} · {age(last, new Date())}
    </Text>
  );
}
