import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { Holder } from "@/api/entities";
import { Card } from "@/components/Card";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { Gone, StateBadge, useCompared } from "./comparing";
import { NothingHere } from "./NothingHere";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  list: { display: "grid", gap: "8px", listStyleType: "none", margin: 0, padding: 0 },
  quiet: { display: "block", color: tokens.colorNeutralForeground3 },
});

const holdersCompared = { part: "page", list: "holders" } as const;

/** Which own hosts held the address, and when. */
export function HoldersCard({ view, holders }: { view: EntityView; holders: readonly Holder[] }) {
  const styles = useStyles();
  const compared = useCompared(view, holdersCompared);
  return (
    <Card title="Hosts that held this address" count={holders.length}>
      {holders.length === 0 && (
        <NothingHere view={view} of="claims">
          No own host claimed it.
        </NothingHere>
      )}
      <ul className={styles.list}>
        {holders.map((h) => (
          <li key={`${h.deviceId} ${h.first}`}>
            <EntityChip kind="device" id={h.deviceName} />{" "}
            {compared && <StateBadge compared={compared(h.deviceName)} />}
            <Text size={200} className={styles.quiet}>
              <Moment at={h.first} to="minute" /> – <Moment at={h.last} to="minute" />
            </Text>
            <Text size={200} className={styles.quiet}>
              {formatCount(h.records)} claims of {(h.evidence ?? []).join(", ")}
              {h.site ? ` · site ${h.site}` : ""}
            </Text>
          </li>
        ))}
      </ul>
      <Gone view={view} which={holdersCompared} noun="holders" kind="device" />
    </Card>
  );
}
