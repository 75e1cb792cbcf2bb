import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { Geo, Line, LineAnswer } from "@/api/entities";
import { Untrusted } from "@/components/Untrusted";
import { Dated } from "./Dated";
import { carrierOf, lineOf, lineSource, linesAsked } from "./geo";

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground3 } });

/** Whose line it is, by every database that says so. */
export function Carrier({ geo, now }: { geo: readonly Geo[]; now: Date }): ReactNode {
  const known = geo.filter((g) => carrierOf(g) !== "");
  if (known.length === 0) {
    return (
      <Text
        size={200}
        title="A database of ISPs or mobile networks fills it: GeoIP2-ISP, GeoIP2-Enterprise or another in the same layout, given to the server with --geo"
      >
        not in the loaded databases; an ISP database (--geo) fills it
      </Text>
    );
  }
  return known.map((g) => (
    <Dated key={`${g.database} ${g.builtAt}`} geo={g} now={now}>
      <Untrusted>{carrierOf(g)}</Untrusted>
    </Dated>
  ));
}

/**
 * What kind of line it is, by every database and every open list that says so: they may differ,
 * and no answer is made of them.
 */
export function Connection({
  geo,
  line,
  now,
}: {
  geo: readonly Geo[];
  line?: Line;
  now: Date;
}): ReactNode {
  const styles = useStyles();
  const told = geo.filter((g) => lineOf(g) !== "");
  const said = line?.said ?? [];
  const asked = line?.asked ?? [];
  return (
    <>
      {told.map((g) => (
        <Dated key={`${g.database} ${g.builtAt}`} geo={g} now={now}>
          <Untrusted>{lineOf(g)}</Untrusted>
        </Dated>
      ))}
      {said.map((a) => (
        <div key={`${a.list} ${a.asn}`} title={`In the list “${a.name}”${by(a)}`}>
          {a.type}
          <Text block size={100} className={styles.quiet}>
            <Untrusted>{lineSource(a)}</Untrusted>
          </Text>
        </div>
      ))}
      {said.length === 0 && asked.length > 0 && (
        <Text block size={200} title={`Asked: ${linesAsked(asked)}`}>
          {asked.length === 1 ? "not in the one list" : `in none of the ${asked.length} lists`}{" "}
          asked
          <Text block size={100} className={styles.quiet}>
            <Untrusted>{linesAsked(asked)}</Untrusted>
          </Text>
        </Text>
      )}
      {asked.length === 0 && (
        <Text block size={200} title="docs/noise.md says which lists tell it">
          {told.length === 0 && "not known: "}no list that tells it is imported;{" "}
          <code>spoor noise import FILE…</code> does it
        </Text>
      )}
    </>
  );
}

function by(a: LineAnswer): string {
  return a.asn ? `, which has the whole AS that ${a.by} says announces it` : "";
}
