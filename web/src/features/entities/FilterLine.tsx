import {
  Button,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { ButtonLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { NotComparisons } from "@/kql/predicate";
import { type EntityView, openTab } from "./view";
import { queryOf, viewOf, viewPredicate } from "./viewFilter";

const useStyles = makeStyles({
  form: { flexGrow: 1, flexBasis: "320px", minWidth: 0, display: "flex" },
  input: { flexGrow: 1, minWidth: 0 },
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  where: { color: tokens.colorNeutralForeground3 },
  // Below what stands beside the line.
  problem: { flexBasis: "100%", order: 1 },
});

/**
 * Everything that narrows the view, as KQL, to be read, copied and edited. What the page
 * cannot show is said, with the way to the query page that can.
 */
export function FilterLine({ view }: { view: EntityView }) {
  const styles = useStyles();
  const kept = viewPredicate(view.search, view.period);
  const [edited, setEdited] = useState<{ of: string; text: string }>();
  const [problem, setProblem] = useState<{ text: string; reason: string }>();
  // An edit holds for the view that it began with; another view shows its own.
  const text = edited?.of === kept ? edited.text : kept;
  const apply = () => {
    setProblem(undefined);
    try {
      view.update({ row: undefined, ...viewOf(text, openTab(view), view.period, new Date()) });
      setEdited(undefined);
    } catch (error) {
      if (!(error instanceof NotComparisons)) throw error;
      setProblem({ text, reason: error.message });
    }
  };
  const narrowed = view.search.where !== undefined || view.search.find !== undefined;
  return (
    <>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        <Input
          className={styles.input}
          input={{ className: styles.code }}
          size="small"
          aria-label="Filters as KQL"
          title="Everything that narrows this view, as KQL; Enter shows an edited one, Esc leaves it"
          spellCheck={false}
          autoComplete="off"
          contentBefore={<span className={styles.where}>where</span>}
          contentAfter={
            narrowed ? (
              <Button
                appearance="transparent"
                size="small"
                icon={<DismissRegular />}
                aria-label="Clear filters"
                onClick={() => view.update({ where: undefined, find: undefined, row: undefined })}
              />
            ) : undefined
          }
          value={text}
          onChange={(_, { value }) => setEdited({ of: kept, text: value })}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            setEdited(undefined);
            setProblem(undefined);
          }}
        />
      </form>
      {problem?.text === text && (
        <MessageBar intent="warning" layout="multiline" className={styles.problem} role="alert">
          <MessageBarBody>
            <MessageBarTitle>The page cannot show this filter</MessageBarTitle>
            <Untrusted>{problem.reason}</Untrusted>.{" "}
            <ButtonLink to="/query" search={{ q: queryOf(view.page.hunts.everything, text) }}>
              Open it as a query
            </ButtonLink>
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
