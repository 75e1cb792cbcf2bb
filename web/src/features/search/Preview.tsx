import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import { formNames, type Suggestion } from "@/api/search";
import { Facts } from "@/components/Facts";
import { counted, formatCount } from "@/components/numbers";
import { Untrusted } from "@/components/Untrusted";
import { formatMinute } from "@/time/format";

const useStyles = makeStyles({
  preview: { display: "grid", gap: "8px", alignContent: "start" },
  name: { fontFamily: tokens.fontFamilyMonospace, fontWeight: 600, overflowWrap: "anywhere" },
  badges: { display: "flex", flexWrap: "wrap", gap: "4px" },
  muted: { color: tokens.colorNeutralForeground3 },
});

/** What there is of a suggestion, before its page is opened; titled: its kind is said above. */
export function Preview({ of: s, titled = false }: { of: Suggestion; titled?: boolean }) {
  const styles = useStyles();
  const facts: [string, string][] = [];
  if (s.first && s.last) {
    facts.push(["First", formatMinute(s.first)], ["Last", formatMinute(s.last)]);
  }
  if (s.addresses) facts.push(["Addresses", formatCount(s.addresses)]);
  if (s.seen && !s.addresses) {
    facts.push(["Devices", formatCount(s.devices)]);
    facts.push(["Records", `${formatCount(s.records)} ${s.sourceKind ?? ""}`]);
    if (s.outcome) facts.push(["Outcome", s.outcome]);
  }
  if (s.alerts > 0) facts.push(["Alerts", formatCount(s.alerts)]);
  if (s.mentioned > 0) facts.push(["Mentioned", counted(s.mentioned, "record")]);
  return (
    <div className={styles.preview}>
      {!titled && (
        <Text size={200} className={styles.muted}>
          {formNames[s.kind]}
        </Text>
      )}
      <span className={styles.name}>
        <Untrusted>{s.id}</Untrusted>
      </span>
      {s.alias && (
        <Text>
          <Untrusted>{s.alias}</Untrusted>
        </Text>
      )}
      {(s.noise ?? []).length > 0 && (
        <span className={styles.badges}>
          {(s.noise ?? []).map((n) => (
            <Badge key={n.list} appearance={n.weak ? "outline" : "tint"} color="informative">
              {n.class}: {n.list}
            </Badge>
          ))}
        </span>
      )}
      {s.seen ? (
        <Facts facts={facts} />
      ) : (
        <Text size={200} className={styles.muted}>
          {s.kind === "asn"
            ? "Its page lists the addresses seen here."
            : "Never seen here. Its page says in which tables, and since when they have data."}
        </Text>
      )}
    </div>
  );
}
