import { makeStyles, Tooltip, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { contactsQuery, type Headline, type Term } from "@/api/entities";
import { TextLink } from "@/components/links";
import { formatCount } from "@/components/numbers";
import { Untrusted } from "@/components/Untrusted";
import { withTimes } from "@/time/format";
import { figures, phrases } from "./answer";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  line: {
    padding: "12px 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderLeft: `3px solid ${tokens.colorBrandStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow2,
    fontSize: tokens.fontSizeBase300,
    lineHeight: "22px",
    "::first-letter": { textTransform: "uppercase" },
  },
  // As long as what will be said of it.
  pending: { color: tokens.colorNeutralForeground3 },
  through: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  term: {
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "underline",
    textDecorationStyle: "dotted",
    textDecorationColor: tokens.colorNeutralStroke1,
    textUnderlineOffset: "4px",
  },
});

/** The terms whose words hold times. */
const timed = ["first", "firstContact", "last"];

/** The answer in one line; each number says what it means and links to its query. */
export function AnswerLine({ headline, view }: { headline: Headline; view: EntityView }) {
  const styles = useStyles();
  const external = view.page.identity?.own === false && view.page.devices.total > 0;
  return (
    <section className={styles.line} aria-label="Answer">
      {phrases(headline).map(({ at, text, term }) =>
        term ? (
          <TermWords
            key={at}
            term={term}
            words={timed.includes(term.name) ? withTimes(text) : text}
          />
        ) : (
          <Untrusted key={at}>{text}</Untrusted>
        ),
      )}
      {view.page.prevalence.rarerPending && (
        <span className={styles.pending}>
          ; how rare that is among external addresses, is counted …
        </span>
      )}
      {external && <Through view={view} />}
    </section>
  );
}

/** By which programs and accounts, as far as hosts say so; its place is kept while it is read. */
function Through({ view }: { view: EntityView }) {
  const styles = useStyles();
  const contacts = useQuery(contactsQuery(view.scope));
  if (contacts.isError) return null;
  if (contacts.isPending) return <div className={styles.through}>…</div>;
  const { programs, accounts, query } = contacts.data;
  return (
    <div className={styles.through}>
      {programs === 0 ? (
        "no host says by which program or account"
      ) : (
        <TextLink to="/query" search={{ q: query }} className={styles.term}>
          through <strong>{formatCount(programs)}</strong> {programs === 1 ? "program" : "programs"}
          {accounts > 0 && (
            <>
              {" "}
              of <strong>{formatCount(accounts)}</strong> {accounts === 1 ? "account" : "accounts"}
            </>
          )}
          , on the hosts that say so{accounts === 0 && "; none says by which account"}
        </TextLink>
      )}
    </div>
  );
}

function TermWords({ term, words }: { term: Term; words: string }) {
  const styles = useStyles();
  const text = figures(words).map(({ at, text, bold }) =>
    bold ? <strong key={at}>{text}</strong> : text,
  );
  const note = term.note || term.name;
  return (
    <Tooltip content={term.query ? `${note}. Opens its query.` : note} relationship="description">
      {term.query ? (
        <TextLink to="/query" search={{ q: term.query }} className={styles.term}>
          {text}
        </TextLink>
      ) : (
        <span>{text}</span>
      )}
    </Tooltip>
  );
}
