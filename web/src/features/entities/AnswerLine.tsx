import { makeStyles, Tooltip, tokens } from "@fluentui/react-components";
import type { Headline, Term } from "@/api/entities";
import { TextLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { withTimes } from "@/time/format";
import { figures, phrases } from "./answer";

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
  term: {
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "underline",
    textDecorationStyle: "dotted",
    textDecorationColor: tokens.colorNeutralStroke1,
    textUnderlineOffset: "4px",
  },
});

/** The terms whose words hold times. */
const timed = ["first", "last"];

/** The answer in one line; each number says what it means and links to its query. */
export function AnswerLine({ headline }: { headline: Headline }) {
  const styles = useStyles();
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
    </section>
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
