import { makeStyles, tokens } from "@fluentui/react-components";
import { useRouterState } from "@tanstack/react-router";
import { formNames } from "@/api/search";
import { TextLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { crumbsOf } from "./crumbs";

const useStyles = makeStyles({
  list: {
    display: "flex",
    gap: "6px",
    listStyleType: "none",
    margin: "0 0 2px",
    padding: 0,
    minWidth: 0,
    fontSize: tokens.fontSizeBase200,
    lineHeight: "18px",
    color: tokens.colorNeutralForeground3,
  },
  step: {
    whiteSpace: "nowrap",
    overflow: "hidden",
    textOverflow: "ellipsis",
    "&:not(:first-child)::before": { content: '"›"', marginRight: "6px" },
  },
});

/** Where a page stands: the way to it from home. */
export function Breadcrumbs() {
  const styles = useStyles();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const crumbs = crumbsOf(path, formNames);
  if (crumbs.length === 0) return null;
  return (
    <nav aria-label="Breadcrumbs">
      <ol className={styles.list}>
        <li className={styles.step}>
          <TextLink to="/">Home</TextLink>
        </li>
        {crumbs.map(({ text, untrusted }, i) => (
          <li
            key={text}
            className={styles.step}
            aria-current={i === crumbs.length - 1 ? "page" : undefined}
          >
            {untrusted ? <Untrusted oneLine>{text}</Untrusted> : text}
          </li>
        ))}
      </ol>
    </nav>
  );
}
