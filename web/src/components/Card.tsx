import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import { type ReactNode, useId } from "react";
import { OpenQuery } from "./links";
import { formatCount } from "./numbers";

const useStyles = makeStyles({
  card: {
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow2,
    padding: "12px 14px",
    minWidth: 0,
  },
  head: { display: "flex", alignItems: "center", gap: "8px", marginBottom: "8px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: "22px", fontWeight: 600 },
  note: {
    marginLeft: "auto",
    textAlign: "right",
    color: tokens.colorNeutralForeground3,
  },
  push: { marginLeft: "auto" },
});

interface CardProps {
  title: string;
  /** Shown beside the title. */
  count?: number;
  /** A short remark at the right of the title. */
  note?: ReactNode;
  query?: string;
  children: ReactNode;
}

/** One region of a page with its title and the link to its query. */
export function Card({ title, count, note, query, children }: CardProps) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 className={styles.title} id={id}>
          {title}
        </h2>
        {count !== undefined && (
          <Badge appearance="tint" color="informative">
            {formatCount(count)}
          </Badge>
        )}
        {note !== undefined ? (
          <Text size={200} className={styles.note}>
            {note}
          </Text>
        ) : (
          <span className={styles.push} />
        )}
        {query !== undefined && query !== "" && <OpenQuery query={query} of={title} />}
      </div>
      {children}
    </section>
  );
}
