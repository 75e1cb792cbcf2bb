import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from "@fluentui/react-components";
import type { ReactNode } from "react";
import { holding } from "./inOrder";
import { TextButton } from "./TextButton";
import { Untrusted } from "./Untrusted";

const useStyles = makeStyles({
  card: { height: "200px", borderRadius: tokens.borderRadiusLarge },
  heading: { display: "inline", margin: 0, font: "inherit" },
  empty: { color: tokens.colorNeutralForeground3 },
});

interface CardSkeletonProps {
  label?: string;
  /** As high as what will stand there, as far as that is known. */
  height?: number;
  /** Whether that is not known, so that what stands below waits in a box that is inOrder. */
  holds?: boolean;
}

/** The place of a card whose content has not come yet. */
export function CardSkeleton({ label = "Loading", height, holds = false }: CardSkeletonProps) {
  const styles = useStyles();
  return (
    <Skeleton aria-label={label} {...(holds && holding)}>
      <SkeletonItem className={styles.card} style={{ height }} />
    </Skeleton>
  );
}

/** A part that could not be shown, and why. */
export function Failure({
  title,
  error,
  again,
  page = false,
  children,
}: {
  title: string;
  error?: Error | string;
  /** Tries once more what failed. */
  again?: () => unknown;
  /** Whether it stands in place of a whole page, of which its title is the heading. */
  page?: boolean;
  children?: ReactNode;
}) {
  const styles = useStyles();
  const text = error instanceof Error ? error.message : error;
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>
          {page ? <h1 className={styles.heading}>{title}</h1> : title}
        </MessageBarTitle>
        {text !== undefined && <Untrusted>{text}</Untrusted>}
        {again && (
          <>
            {" "}
            <TextButton link onClick={() => void again()}>
              Try again
            </TextButton>
          </>
        )}
        {children}
      </MessageBarBody>
    </MessageBar>
  );
}

/** The sentence in place of a list that has no items. */
export function Empty({ children }: { children: ReactNode }) {
  const styles = useStyles();
  return (
    <Text size={200} className={styles.empty}>
      {children}
    </Text>
  );
}
