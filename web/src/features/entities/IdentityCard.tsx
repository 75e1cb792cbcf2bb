import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { Geo, Identity } from "@/api/entities";
import { Card } from "@/components/Card";
import { Facts } from "@/components/Facts";
import { ExternalLink } from "@/components/links";
import { Empty } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import { ReverseDns } from "./ReverseDns";

const useStyles = makeStyles({
  databases: { display: "grid", gap: "12px", marginTop: "8px" },
  database: { display: "grid", gap: "4px" },
  source: { color: tokens.colorNeutralForeground3 },
});

export function IdentityCard({ address, identity }: { address: string; identity: Identity }) {
  const styles = useStyles();
  const geo = identity.geo ?? [];
  return (
    <Card title="Identity" note="facts with their age">
      <Facts
        facts={[
          ["Class", identity.class],
          ["Belongs to", `${identity.own ? "the organisation" : "outside"}: ${identity.ownWhy}`],
          ["Reverse DNS", <ReverseDns key={address} address={address} />],
        ]}
      />
      <div className={styles.databases}>
        {geo.length === 0 && <Empty>No geo database is loaded.</Empty>}
        {geo.map((g) => (
          <Database key={g.database} geo={g} />
        ))}
      </div>
    </Card>
  );
}

function Database({ geo }: { geo: Geo }) {
  const styles = useStyles();
  return (
    <div className={styles.database}>
      <Text size={200} className={styles.source}>
        <b>{geo.database}</b>, built {formatDay(geo.builtAt)}
        {geo.license ? `, ${geo.license}` : ""}
        {geo.attribution && (
          <>
            {" · "}
            <Attribution text={geo.attribution} url={geo.attributionUrl} />
          </>
        )}
      </Text>
      {geo.found ? <Facts facts={geoFacts(geo)} /> : <Empty>not in database</Empty>}
    </div>
  );
}

function Attribution({ text, url }: { text: string; url?: string }) {
  if (!url) return text;
  return <ExternalLink href={url}>{text}</ExternalLink>;
}

function geoFacts(geo: Geo): [string, ReactNode][] {
  const place: [string, string | undefined][] = [
    ["Organisation", geo.org],
    ["ASN", geo.asn ? `AS${geo.asn}` : undefined],
    [
      "Country",
      geo.country && geo.countryCode
        ? `${geo.country} (${geo.countryCode})`
        : geo.country || geo.countryCode,
    ],
    ["State", geo.state],
    ["City", geo.city],
    ["Postal code", geo.postalCode],
    [
      "Position",
      geo.latitude != null && geo.longitude != null
        ? `${geo.latitude.toFixed(3)}, ${geo.longitude.toFixed(3)}`
        : undefined,
    ],
    ["Network", geo.network],
  ];
  return place.flatMap(([name, value]) =>
    value ? [[name, <Untrusted key={name}>{value}</Untrusted>]] : [],
  );
}
