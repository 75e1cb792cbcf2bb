import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode, useMemo } from "react";
import {
  type ComparedPart,
  comparisonQuery,
  type Difference,
  partComparisonQuery,
} from "@/api/entities";
import type { Column } from "@/components/DataTable";
import { EntityChip } from "@/components/EntityChip";
import { formatCount } from "@/components/numbers";
import { Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { otherOf } from "./compareWith";
import { type Compared, comparedBy, goneOf } from "./differences";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  badge: { whiteSpace: "nowrap", flexShrink: 0 },
  foot: { display: "block", marginTop: "6px", color: tokens.colorNeutralForeground2 },
});

/** One of the lists that the server compares. */
export interface ComparedList {
  /** The part of the page; the page itself comes with its sides. */
  part: "page" | ComparedPart;
  list: string;
}

/**
 * The page beside what it is compared with. Nothing is asked while it is not compared, and
 * nothing given that was asked before.
 */
export function useComparison(view: EntityView, asked = true) {
  const { compare } = view.search;
  const enabled = asked && compare !== undefined;
  const answer = useQuery({ ...comparisonQuery(view.scope, otherOf(compare)), enabled });
  return { answer, data: enabled ? answer.data : undefined };
}

/** The same of a part that takes longer. */
function usePartComparison(view: EntityView, part: ComparedPart, asked = true) {
  const { compare } = view.search;
  const enabled = asked && compare !== undefined;
  const answer = useQuery({ ...partComparisonQuery(view.scope, part, otherOf(compare)), enabled });
  return { answer, data: enabled ? answer.data : undefined };
}

/** What is new, gone and changed in a list, when the page is compared and the answer is there. */
export function useDifference(view: EntityView, { part, list }: ComparedList) {
  const ofPage = part === "page";
  const page = useComparison(view, ofPage);
  const apart = usePartComparison(view, ofPage ? "flows" : part, !ofPage);
  const { answer, data } = ofPage ? page : apart;
  const failed = apart.data?.errors?.find((e) => e.section === list)?.reason;
  return {
    comparing: view.search.compare !== undefined,
    difference: data?.lists[list],
    error: answer.error ?? failed,
    again: answer.refetch,
  };
}

/** Finds how each of a list stands; undefined while nothing is known. */
export function useCompared(view: EntityView, which: ComparedList) {
  const { difference } = useDifference(view, which);
  return useMemo(() => difference && comparedBy(difference), [difference]);
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
  const { state, b, scoreB } = compared;
  const was = !brief && (state === "changed" || state === "gone");
  return (
    <Badge className={styles.badge} appearance="tint" color={colors[state]}>
      {was ? `${state}, was ${scoreB?.toFixed(3) ?? formatCount(b)}` : state}
    </Badge>
  );
}

/** The column that says how each of a list stands; none while the page is not compared. */
export function useComparedColumn<T>(
  view: EntityView,
  which: ComparedList,
  nameOf: (row: T) => string | undefined,
): readonly Column<T>[] {
  const find = useCompared(view, which);
  const comparing = view.search.compare !== undefined;
  return useMemo(() => {
    if (!comparing) return [];
    const of = (row: T) => {
      const name = nameOf(row);
      return name === undefined ? undefined : find?.(name);
    };
    return [
      { id: "compared", header: "Compared", cell: (row) => <StateBadge compared={of(row)} /> },
    ];
  }, [comparing, find, nameOf]);
}

/** What the server calls one of a list in a comparison. */
export const compareAs = (item: { compareAs?: string }) => item.compareAs;

/** The same of a list that is compared by its addresses. */
export const addressOf = (item: { address: string }) => item.address;

const mostGone = 10;

interface GoneProps {
  view: EntityView;
  which: ComparedList;
  /** What is gone, in the plural. */
  noun: string;
  /** The kind of entity that they are; none: plain words. */
  kind?: string;
}

/** Those that a list does not have, because they are no longer there. */
export function Gone({ view, which, noun, kind }: GoneProps) {
  const styles = useStyles();
  const { comparing, difference, error, again } = useDifference(view, which);
  if (!comparing) return null;
  if (error)
    return <Failure title={`The ${noun} could not be compared`} error={error} again={again} />;
  if (difference === undefined) {
    return (
      <Text size={200} className={styles.foot}>
        Comparing the {noun} …
      </Text>
    );
  }
  const { names, more } = goneOf(difference, mostGone);
  return (
    <Text size={200} className={styles.foot}>
      Compared: {differenceWords(difference) || `no ${noun} on either side`}.
      {names.length > 0 && " Gone: "}
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

/** The counts of a difference in words; none for a list that is empty on both sides. */
export function differenceWords(d: Difference): string {
  if (d.new + d.gone + d.changed + d.same === 0) return "";
  return `${formatCount(d.new)} new, ${formatCount(d.gone)} gone, ${formatCount(d.changed)} changed, ${formatCount(d.same)} the same`;
}

/** Says of a card, while the page is compared, why it is not. */
export function NotCompared({ view, children }: { view: EntityView; children: ReactNode }) {
  const styles = useStyles();
  if (view.search.compare === undefined) return null;
  return (
    <Text size={200} className={styles.foot}>
      Not compared: {children}
    </Text>
  );
}
