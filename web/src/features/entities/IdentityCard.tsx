import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { type ReactNode, Suspense } from "react";
import type { Geo, Identity, Network } from "@/api/entities";
import { Card } from "@/components/Card";
import { WorldMap } from "@/components/drawings";
import { EntityChip } from "@/components/EntityChip";
import { Facts } from "@/components/Facts";
import { Later } from "@/components/Later";
import { ExternalLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import { NotCompared } from "./comparing";
import { Dated } from "./Dated";
import { placeOf } from "./geo";
import { Carrier, Connection } from "./LineFacts";
import { NamesSeen } from "./NamesSeen";
import { PlacesFact } from "./PlacesFact";
import { ReverseDns } from "./ReverseDns";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  map: { aspectRatio: "2 / 1", marginTop: "8px" },
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
  const { places } = identity;
  const kept = places?.items?.length || (geo.length > 0 && identity.class === "public");
  return (
    <Card title="Identity" note="facts with their age">
      <Facts
        facts={[
          ["Class", identity.class],
          ["Belongs to", `${identity.own ? "the organisation" : "outside"}: ${identity.ownWhy}`],
          ["Organisation", <Organisation key="org" geo={geo} now={now} />],
          ["Carrier", <Carrier key="carrier" geo={geo} now={now} />],
          ["Connection", <Connection key="line" geo={geo} line={identity.line} now={now} />],
          ["Place", <Place key="place" geo={geo} now={now} />],
          ...(places && kept
            ? [["When seen", <PlacesFact key="kept" places={places} />] as const]
            : []),
          ["Postal code", <PostalCode key="postal" geo={geo} now={now} />],
          ["Reverse DNS", <ReverseDns key={view.entity.id} view={view} />],
          ["Names seen", <NamesSeen key="names" view={view} />],
          ["Ranges", <NamedRanges key="ranges" ranges={ranges} />],
        ]}
      />
      {place && (
        <div className={styles.map}>
          <Suspense fallback={null}>
            <Later>
              <WorldMap
                latitude={place.latitude}
                longitude={place.longitude}
                label={`Map: ${place.words}`}
              />
            </Later>
          </Suspense>
        </div>
      )}
      <GeoSources geo={geo} />
      <NotCompared view={view}>
        facts about an address have no period; only the names seen are compared.
      </NotCompared>
    </Card>
  );
}

/** The databases that were asked, with their age and what must be said of them. */
export function GeoSources({ geo }: { geo: readonly Geo[] }) {
  const styles = useStyles();
  return (
    <div className={styles.sources}>
      {geo.length === 0 && <Text size={100}>No geo database is loaded.</Text>}
      {geo.map((g) => (
        <Text key={`${g.database} ${g.builtAt}`} size={100}>
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
  );
}

/** Named ranges, each a link to its page. */
export function NamedRanges({ ranges }: { ranges: readonly Network[] }): ReactNode {
  if (ranges.length === 0) return "none";
  return ranges.map((n) => (
    <div key={`${n.cidr} ${n.site}`}>
      <RangeLink cidr={n.cidr} /> “<Untrusted>{n.name}</Untrusted>”
      <Text block size={100}>
        <Untrusted>{about(n)}</Untrusted>
      </Text>
    </div>
  ));
}

/** What the catalogue says of a range beside its name. */
function about({ role, site, owner }: Network): string {
  return [role, site && `site ${site}`, owner && `of ${owner}`].filter(Boolean).join(" · ");
}

/** A link to the page of a prefix; one of a single address leads to that. */
export function RangeLink({ cidr }: { cidr: string }) {
  const [address = "", length] = cidr.split("/");
  const single = length === (address.includes(":") ? "128" : "32");
  return <EntityChip kind={single ? "ip" : "cidr"} id={single ? address : cidr} />;
}

/** Who announces the address, by every database that says so. */
function Organisation({ geo, now }: { geo: readonly Geo[]; now: Date }): ReactNode {
  const known = geo.filter((g) => g.asn || g.org);
  if (known.length === 0) return "not in database";
  return known.map((g) => (
    <Dated key={`${g.database} ${g.builtAt}`} geo={g} now={now}>
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
      <Dated key={`${g.database} ${g.builtAt}`} geo={g} now={now}>
        <Untrusted>{words}</Untrusted>
      </Dated>
    );
  });
}

function PostalCode({ geo, now }: { geo: readonly Geo[]; now: Date }): ReactNode {
  const known = geo.filter((g) => g.postalCode);
  if (known.length === 0) return "not in database";
  return known.map((g) => (
    <Dated key={`${g.database} ${g.builtAt}`} geo={g} now={now}>
      <Untrusted>{g.postalCode ?? ""}</Untrusted>
    </Dated>
  ));
}

function Attribution({ text, url }: { text: string; url?: string }) {
  if (!url) return text;
  return <ExternalLink href={url}>{text}</ExternalLink>;
}
