import { makeStyles, Tooltip, tokens } from "@fluentui/react-components";
import type { Headline, Term } from "@/api/entities";
import { TextLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { phrases } from "./answer";

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
  },
  term: { color: tokens.colorNeutralForeground1, fontWeight: 600 },
});

/** The answer in one line; each number says what it means and links to its query. */
export function AnswerLine({ headline }: { headline: Headline }) {
  const styles = useStyles();
  let at = 0;
  return (
    <section className={styles.line} aria-label="Answer">
      {phrases(headline).map(({ text, term }) => {
        const key = at;
        at += text.length;
        return term ? <TermLink key={key} term={term} /> : <Untrusted key={key}>{text}</Untrusted>;
      })}
    </section>
  );
}

function TermLink({ term }: { term: Term }) {
  const styles = useStyles();
  const note = term.note || term.name;
  if (!term.query) {
    return (
      <Tooltip content={note} relationship="description">
        <span className={styles.term}>{term.value}</span>
      </Tooltip>
    );
  }
  return (
    <Tooltip content={`${note} Opens its query.`} relationship="description">
      <TextLink to="/query" search={{ q: term.query }} className={styles.term}>
        {term.value}
      </TextLink>
    </Tooltip>
  );
}
