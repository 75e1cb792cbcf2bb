import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { PlaceHistory } from "@/api/entities";
import { OpenQuery } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { buildsOf, builtOf, changesOf, daysOf, namesOf, placeWords, whenSeen } from "./placesKept";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
  history: { margin: "2px 0 0", paddingLeft: "14px" },
});

/**
 * Where an address was and who announced it when the records of the period happened, by what is
 * kept of the databases; and what they said over time.
 */
export function PlacesFact({ places }: { places: PlaceHistory }) {
  const styles = useStyles();
  const { other, same, younger } = whenSeen(places);
  const days = daysOf(places);
  return (
    <>
      {other.map((p) => (
        <Line key={`${p.database} ${p.builtFrom}`} words={placeWords(p)}>
          during this period, per {p.database} of {buildsOf(p)}
          {p.oldest && `, the oldest kept; the records are of ${days}`}
        </Line>
      ))}
      {same.length > 0 && (
        <Line words="as it is now" title={`By the builds of ${builtOf(same)}`}>
          the same when it was seen, per {namesOf(same)}
        </Line>
      )}
      {younger.length > 0 && (
        <Line words="not kept for then" title={`Databases: ${namesOf(younger)}`}>
          {other.length + same.length > 0 && `${namesOf(younger)}: `}
          the oldest kept is of {builtOf(younger)}, the records are of {days}; it said what is said
          now
        </Line>
      )}
      {other.length + same.length + younger.length === 0 && <Nothing places={places} />}
      {changesOf(places).map(([database, said]) => (
        <Text key={database} block size={100} className={styles.quiet}>
          {database} over time
          <ul className={styles.history}>
            {said.map((p) => (
              <li key={p.builtFrom}>
                {buildsOf(p)}: <Untrusted>{placeWords(p)}</Untrusted>
              </li>
            ))}
          </ul>
        </Text>
      ))}
      <OpenQuery query={places.query} of="what the databases said" />
    </>
  );
}

function Nothing({ places }: { places: PlaceHistory }) {
  if (places.first == null) return "no record in this period";
  if (places.items?.length) return "not in the databases kept";
  return "nothing kept yet; the server keeps what its databases say soon after an address is first seen";
}

interface LineProps {
  words: string;
  title?: string;
  children: ReactNode;
}

function Line({ words, title, children }: LineProps) {
  const styles = useStyles();
  return (
    <div title={title}>
      <Untrusted>{words}</Untrusted>
      <Text block size={100} className={styles.quiet}>
        {children}
      </Text>
    </div>
  );
}
