import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { Network } from "@/api/entities";
import { Empty } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { RangeLink } from "./IdentityCard";

const useStyles = makeStyles({
  list: { display: "grid", gap: "8px", listStyleType: "none", margin: "0 0 12px", padding: 0 },
  quiet: { display: "block", color: tokens.colorNeutralForeground3 },
});

/** Ranges of the network catalogue, narrowest first. */
export function NetworkList({ networks }: { networks: readonly Network[] }) {
  const styles = useStyles();
  return (
    <>
      {networks.length === 0 && <Empty>In no range of the network catalogue.</Empty>}
      <ul className={styles.list}>
        {networks.map((n) => (
          <li key={`${n.cidr} ${n.site}`}>
            <RangeLink cidr={n.cidr} /> <Untrusted>{n.name}</Untrusted>
            <Text size={200} className={styles.quiet}>
              {[n.role, n.site && `site ${n.site}`, n.owner && `owner ${n.owner}`]
                .filter(Boolean)
                .join(" · ")}
            </Text>
          </li>
        ))}
      </ul>
    </>
  );
}
