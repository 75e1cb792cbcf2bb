import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useMemo } from "react";
import { type Comparison, comparisonQuery, flowComparisonQuery } from "@/api/entities";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { formatCount } from "@/components/numbers";
import { Untrusted } from "@/components/Untrusted";
import { otherOf } from "./compareWith";
import { type Compared, comparedBy, goneOf } from "./differences";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  badge: { whiteSpace: "nowrap", flexShrink: 0 },
  gone: { display: "block", marginTop: "6px", color: tokens.colorNeutralForeground2 },
});

/**
 * The page beside what it is compared with. Nothing is asked while it is not compared, and
 * nothing given that was asked before.
 */
export function useComparison(view: EntityView) {
  const { compare } = view.search;
  const enabled = compare !== undefined;
  const answer = useQuery({ ...comparisonQuery(view.scope, otherOf(compare)), enabled });
  return { answer, data: enabled ? answer.data : undefined };
}

/** The same of its connections and names, which takes longer. */
export function useFlowComparison(view: EntityView) {
  const { compare } = view.search;
  const enabled = compare !== undefined;
  const answer = useQuery({ ...flowComparisonQuery(view.scope, otherOf(compare)), enabled });
  return { answer, data: enabled ? answer.data : undefined };
}

const colors = {
  new: "danger",
  gone: "informative",
  changed: "warning",
  same: "subtle",
} as const;

interface StateBadgeProps {
  compared: Compared | undefined;
  /** Leaves out how many records there were, where that stands beside it. */
  brief?: boolean;
}

/** Whether it is new, gone or changed, and how many records there were. */
export function StateBadge({ compared, brief = false }: StateBadgeProps) {
  const styles = useStyles();
  if (compared === undefined) return "–";
  const { state, b } = compared;
  const was = !brief && (state === "changed" || state === "gone");
  return (
    <Badge className={styles.badge} appearance="tint" color={colors[state]}>
      {was ? `${state}, was ${formatCount(b)}` : state}
    </Badge>
  );
}

type Difference = Comparison["devices"];

/** The column that says how each of a list stands against what the page is compared with. */
export function useComparedColumn<T>(
  difference: Difference | undefined,
  nameOf: (row: T) => string,
): readonly Column<T>[] {
  return useMemo(() => {
    if (difference === undefined) return [];
    const find = comparedBy(difference);
    return [
      {
        id: "compared",
        header: "Compared",
        cell: (row) => <StateBadge compared={find(nameOf(row))} />,
      },
    ];
  }, [difference, nameOf]);
}

const mostGone = 10;

interface GoneProps {
  difference: Difference | undefined;
  /** What is gone, in the plural. */
  noun: string;
  /** The kind of entity that they are; none: plain words. */
  kind?: string;
}

/** Those that a list does not have, because they are no longer there. */
export function Gone({ difference, noun, kind }: GoneProps) {
  const styles = useStyles();
  if (difference === undefined || difference.gone === 0) return null;
  const { names, more } = goneOf(difference, mostGone);
  return (
    <Text size={200} className={styles.gone}>
      {formatCount(difference.gone)} {noun} of what it is compared with are gone:{" "}
      {names.map((name, i) => (
        <Fragment key={name}>
          {i > 0 && ", "}
          {kind === undefined ? (
            <Untrusted>{name}</Untrusted>
          ) : (
            <EntityChip kind={kind} id={name} />
          )}
        </Fragment>
      ))}
      {more > 0 && ` and ${formatCount(more)} more`}
    </Text>
  );
}
