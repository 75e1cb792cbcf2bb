import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { Geo } from "@/api/entities";
import { age } from "./geo";

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground3 } });

/** A fact that a database gives, with the database, its age and how precise it is. */
export function Dated({ geo, now, children }: { geo: Geo; now: Date; children: ReactNode }) {
  const styles = useStyles();
  const level = geo.city ? "to the city" : geo.state ? "to the state" : "to the country";
  const radius = geo.radiusKm ? `within ${geo.radiusKm} km` : "no radius given";
  const placed = geo.country || geo.countryCode;
  const accuracy = placed && !geo.asn && !geo.org ? ` · ${level}, ${radius}` : "";
  return (
    <div>
      {children}
      <Text block size={100} className={styles.quiet}>
        {geo.database}, {age(geo.builtAt, now)}
        {geo.network ? ` · ${geo.network}` : ""}
        {accuracy}
      </Text>
    </div>
  );
}
