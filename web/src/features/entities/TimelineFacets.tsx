import { Checkbox, makeStyles, Text, tokens } from "@fluentui/react-components";
import { memo, type ReactNode, useState } from "react";
import type { FacetCount, Facets } from "@/api/timeline";
import { formatCount } from "@/components/numbers";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { type Choice, type Part, toggled } from "./timelineFilter";

const useStyles = makeStyles({
  facets: { display: "grid", gap: "10px", alignContent: "start" },
  group: { border: "none", margin: 0, padding: 0, minWidth: 0 },
  legend: { padding: 0, fontWeight: 600, fontSize: tokens.fontSizeBase200 },
  value: { display: "flex", alignItems: "center", fontSize: tokens.fontSizeBase200 },
  box: { minWidth: 0, "& label": { overflowWrap: "anywhere", padding: "3px 4px" } },
  count: {
    marginLeft: "auto",
    color: tokens.colorNeutralForeground3,
    fontVariantNumeric: "tabular-nums",
  },
  small: { fontSize: tokens.fontSizeBase200 },
});

const shownValues = 7;

interface TimelineFacetsProps {
  facets: Facets;
  choice: Choice;
  onChoice: (choice: Choice) => void;
}

/**
 * What the records add up to by source, table, device, outcome and role, to choose from. Its many
 * boxes are not drawn anew with each page of records that scrolling asks for.
 */
export const TimelineFacets = memo(function TimelineFacets(props: TimelineFacetsProps) {
  const { facets, choice, onChoice } = props;
  const styles = useStyles();
  const group = (
    part: Part,
    name: string,
    counts: readonly FacetCount[] | null,
    total?: number,
  ) => (
    <FacetGroup
      name={name}
      counts={counts ?? []}
      total={total}
      chosen={choice[part] ?? []}
      onToggle={(value) => onChoice(toggled(choice, part, value))}
    />
  );
  return (
    <section className={styles.facets} aria-label="Facets">
      <Checkbox
        label={<span className={styles.small}>Only alerts</span>}
        checked={choice.alerts ?? false}
        onChange={(_, { checked }) =>
          onChoice({ ...choice, alerts: checked === true ? true : undefined })
        }
      />
      {group("outcome", "Outcome", facets.outcomes)}
      {group("roles", "Role", facets.roles)}
      {group("sourceKind", "Source", facets.sourceKinds)}
      {group("table", "Table", facets.tables)}
      {group("device", "Device", facets.devices, facets.deviceTotal)}
    </section>
  );
});

interface FacetGroupProps {
  name: string;
  counts: readonly FacetCount[];
  /** How many values there are, when not all of them are in counts. */
  total?: number;
  chosen: readonly string[];
  onToggle: (value: string) => void;
}

function FacetGroup({ name, counts, total, chosen, onToggle }: FacetGroupProps): ReactNode {
  const styles = useStyles();
  const [all, setAll] = useState(false);
  const listed = new Set(counts.map((c) => c.value));
  // What is chosen can be taken out again, also when nothing of it is left.
  const gone = chosen.filter((v) => !listed.has(v)).map((value) => ({ value, records: 0 }));
  const shown = [
    ...gone,
    ...counts.filter((c, i) => all || i < shownValues || chosen.includes(c.value)),
  ];
  if (shown.length === 0) return null;
  const unlisted = (total ?? counts.length) - counts.length;
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{name}</legend>
      {shown.map(({ value, records }) => (
        <div key={value} className={styles.value}>
          <Checkbox
            className={styles.box}
            label={
              <span className={styles.small}>
                {value === "" ? "names none" : <Untrusted>{value}</Untrusted>}
              </span>
            }
            checked={chosen.includes(value)}
            onChange={() => onToggle(value)}
          />
          <span className={styles.count}>{formatCount(records)}</span>
        </div>
      ))}
      {counts.length > shownValues && (
        <TextButton link className={styles.small} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${formatCount(counts.length)}`}
        </TextButton>
      )}
      {unlisted > 0 && (
        <Text size={200} block className={styles.count}>
          {formatCount(unlisted)} more with fewer records
        </Text>
      )}
    </fieldset>
  );
}
