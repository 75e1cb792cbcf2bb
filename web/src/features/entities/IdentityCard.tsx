import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { lazy, type ReactNode, Suspense } from "react";
import type { Geo, Identity } from "@/api/entities";
import { Card } from "@/components/Card";
import { EntityChip } from "@/components/EntityChip";
import { Facts } from "@/components/Facts";
import { ExternalLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import { age, placeOf } from "./geo";
import { NamesSeen } from "./NamesSeen";
import { ReverseDns } from "./ReverseDns";
import type { EntityView } from "./view";

const WorldMap = lazy(() => import("@/components/WorldMap"));

const useStyles = makeStyles({
  map: { aspectRatio: "2 / 1", marginTop: "8px" },
  quiet: { color: tokens.colorNeutralForeground3 },
  sources: {
    display: "grid",
    gap: "2px",
    marginTop: "8px",
    color: tokens.colorNeutralForeground3,
  },
});

/** What is known of an address, each fact with the age of what says it. */
export function IdentityCard({ view, identity }: { view: EntityView; identity: Identity }) {
  const styles = useStyles();
  const geo = identity.geo ?? [];
  const now = new Date();
  const place = placeOf(geo);
  const ranges = identity.networks ?? [];
  return (
    <Card title="Identity" note="facts with their age">
      <Facts
        facts={[
          ["Class", identity.class],
          ["Belongs to", `${identity.own ? "the organisation" : "outside"}: ${identity.ownWhy}`],
          ["Organisation", <Organisation key="org" geo={geo} now={now} />],
          ["Place", <Place key="place" geo={geo} now={now} />],
          ["Postal code", <PostalCode key="postal" geo={geo} now={now} />],
          ["Reverse DNS", <ReverseDns key={view.entity.id} view={view} />],
          ["Names seen", <NamesSeen key="names" view={view} />],
          [
            "Ranges",
            ranges.length === 0 ? (
              "none"
            ) : (
              <Untrusted key="ranges">
                {ranges.map((n) => `${n.cidr} “${n.name}”`).join(", ")}
              </Untrusted>
            ),
          ],
        ]}
      />
      {place && (
        <div className={styles.map}>
          <Suspense fallback={null}>
            <WorldMap
              latitude={place.latitude}
              longitude={place.longitude}
              label={`Map: ${place.words}`}
            />
          </Suspense>
        </div>
      )}
      <div className={styles.sources}>
        {geo.length === 0 && <Text size={100}>No geo database is loaded.</Text>}
        {geo.map((g) => (
          <Text key={g.database} size={100}>
            {g.database}, built {formatDay(g.builtAt)}
            {g.found ? "" : ": not in database"}
            {g.attribution && (
              <>
                {" · "}
                <Attribution text={g.attribution} url={g.attributionUrl} />
              </>
            )}
          </Text>
        ))}
      </div>
    </Card>
  );
}

/** Who announces the address, by every database that says so. */
function Organisation({ geo, now }: { geo: readonly Geo[]; now: Date }): ReactNode {
  const known = geo.filter((g) => g.asn || g.org);
  if (known.length === 0) return "not in database";
  return known.map((g) => (
    <Dated key={g.database} geo={g} now={now}>
      {g.asn ? <EntityChip kind="asn" id={`AS${g.asn}`} /> : null}{" "}
      <Untrusted>{g.org ?? ""}</Untrusted>
    </Dated>
  ));
}

/** Where it is, by every database that says so; none of them tells how near that is. */
function Place({ geo, now }: { geo: readonly Geo[]; now: Date }): ReactNode {
  const known = geo.filter((g) => g.country || g.countryCode);
  if (known.length === 0) return "not in database";
  return known.map((g) => {
    const words = [g.city, g.state, g.country ?? g.countryCode].filter(Boolean).join(", ");
    return (
      <Dated key={g.database} geo={g} now={now}>
        <Untrusted>{words}</Untrusted>
      </Dated>
    );
  });
}

function PostalCode({ geo, now }: { geo: readonly Geo[]; now: Date }): ReactNode {
  const known = geo.filter((g) => g.postalCode);
  if (known.length === 0) return "not in database";
  return known.map((g) => (
    <Dated key={g.database} geo={g} now={now}>
      <Untrusted>{g.postalCode ?? ""}</Untrusted>
    </Dated>
  ));
}

function Dated({ geo, now, children }: { geo: Geo; now: Date; children: ReactNode }) {
  const styles = useStyles();
  const level = geo.city ? "to the city" : geo.state ? "to the state" : "to the country";
  const accuracy = geo.asn || geo.org ? "" : ` · ${level}, no radius given`;
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

function Attribution({ text, url }: { text: string; url?: string }) {
  if (!url) return text;
  return <ExternalLink href={url}>{text}</ExternalLink>;
}
