import { Text } from "@fluentui/react-components";
import type { Identity, Many, PlaceCount } from "@/api/entities";
import { Card } from "@/components/Card";
import { EntityChip } from "@/components/EntityChip";
import { Facts } from "@/components/Facts";
import { formatCount } from "@/components/numbers";
import { Untrusted } from "@/components/Untrusted";
import { NotCompared } from "./comparing";
import { GeoSources, NamedRanges, RangeLink } from "./IdentityCard";
import { sizeWords } from "./manyWords";
import type { EntityView } from "./view";

interface ManyCardProps {
  view: EntityView;
  many: Many;
  identity: Identity;
}

/** What is known of many addresses themselves, beside what they did. */
export function ManyCard({ view, many, identity }: ManyCardProps) {
  const prefixes = many.prefixes ?? [];
  return (
    <Card title="Identity" note="facts with their age">
      <Facts
        facts={[
          ["Class", identity.class || "no address of it seen"],
          ...(many.first && many.last
            ? ([
                ["First", <EntityChip key="first" kind="ip" id={many.first} />],
                ["Last", <EntityChip key="last" kind="ip" id={many.last} />],
                ["Size", sizeWords(many.size ?? "")],
              ] as const)
            : []),
          ["Belongs to", belonging(many, identity)],
          ["Lies in", <NamedRanges key="in" ranges={identity.networks ?? []} />],
          ["Holds", <NamedRanges key="holds" ranges={many.holds ?? []} />],
          [
            "Seen in",
            <Places
              key="countries"
              places={many.countries ?? []}
              name={(p) => <Untrusted>{p.name ?? p.id}</Untrusted>}
            />,
          ],
          [
            "Announced by",
            <Places
              key="systems"
              places={many.systems ?? []}
              name={(p) => (
                <>
                  <EntityChip kind="asn" id={p.id} /> <Untrusted>{p.name ?? ""}</Untrusted>
                </>
              )}
            />,
          ],
          ...(prefixes.length > 0
            ? ([
                [
                  "Prefixes",
                  <Places
                    key="prefixes"
                    places={prefixes}
                    name={(p) => <RangeLink cidr={p.id} />}
                  />,
                ],
              ] as const)
            : []),
        ]}
      />
      <GeoSources geo={identity.geo ?? []} />
      <NotCompared view={view}>facts about the addresses have no period.</NotCompared>
    </Card>
  );
}

function belonging(many: Many, identity: Identity): string {
  if (identity.own) return `the organisation: ${identity.ownWhy}`;
  if (many.own === 0) return `outside: ${identity.ownWhy}`;
  return `${formatCount(many.own)} of ${formatCount(many.seen)} seen are the organisation’s; ${identity.ownWhy}`;
}

const shown = 6;

interface PlacesProps {
  places: readonly PlaceCount[];
  name: (place: PlaceCount) => React.ReactNode;
}

/** How many of the addresses seen are in which place. */
function Places({ places, name }: PlacesProps) {
  if (places.length === 0) return "none seen";
  return (
    <>
      {places.slice(0, shown).map((p) => (
        <div key={p.id}>
          {p.id === "" ? "not in database" : name(p)}{" "}
          <Text size={200}>({formatCount(p.addresses)})</Text>
        </div>
      ))}
      {places.length > shown && <div>and {formatCount(places.length - shown)} more</div>}
    </>
  );
}
