import { Button, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { CodeRegular } from "@fluentui/react-icons";
import { createLink, Link } from "@tanstack/react-router";
import {
  type AnchorHTMLAttributes,
  forwardRef,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
} from "react";

const useStyles = makeStyles({
  text: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: "none",
    borderRadius: tokens.borderRadiusSmall,
    ":hover": { textDecorationLine: "underline" },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  // It stands in running text, where colour alone does not tell it.
  underlined: { textDecorationLine: "underline" },
  icon: {
    display: "inline-flex",
    padding: "3px",
    // As high as a line of text, which it may stand in.
    margin: "-2px 0",
    verticalAlign: "middle",
    fontSize: "18px",
    color: tokens.colorNeutralForeground2,
    borderRadius: tokens.borderRadiusMedium,
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
});

const TextAnchor = forwardRef<HTMLAnchorElement, AnchorHTMLAttributes<HTMLAnchorElement>>(
  function TextAnchor({ className, ...props }, ref) {
    const styles = useStyles();
    return <a ref={ref} className={mergeClasses(styles.text, className)} {...props} />;
  },
);

/** A link within the app that reads as text. */
export const TextLink = createLink(TextAnchor);

interface ButtonAnchorProps {
  appearance?: "primary" | "subtle" | "secondary";
  onClick?: () => void;
  icon?: ReactElement;
  children?: ReactNode;
}

const ButtonAnchor = forwardRef<HTMLAnchorElement, ButtonAnchorProps>(
  function ButtonAnchor(props, ref) {
    return <Button as="a" size="small" ref={ref} {...props} />;
  },
);

/** A link within the app that looks like a button. */
export const ButtonLink = createLink(ButtonAnchor);

/** The small link that every card carries: the query behind its numbers, opened for editing. */
export function OpenQuery({ query, of }: { query: string; of: string }) {
  const styles = useStyles();
  return (
    <Link
      to="/query"
      search={{ q: query }}
      className={styles.icon}
      aria-label={`Open query: ${of}`}
      title="Open query"
    >
      <CodeRegular aria-hidden />
    </Link>
  );
}

/** Where the page of an entity is. */
export function entityPath(kind: string, id: string) {
  return kind === "ip"
    ? ({ to: "/ip/$address", params: { address: id } } as const)
    : ({ to: "/entity/$kind/$id", params: { kind, id } } as const);
}

/** What of the story of an entity a link shows; nothing: what its page shows by itself. */
export interface Shown {
  range?: string;
  from?: string;
  to?: string;
  site?: string;
}

interface EntityLinkProps {
  kind: string;
  id: string;
  shown?: Shown;
  className?: string;
  onClick?: (event: MouseEvent<HTMLAnchorElement>) => void;
  onContextMenu?: (event: MouseEvent<HTMLAnchorElement>) => void;
  children: ReactNode;
}

/** A link to the page of an entity; on pages it stands as an EntityChip. */
export function EntityLink({ kind, id, shown, ...rest }: EntityLinkProps) {
  return <TextLink {...entityPath(kind, id)} search={{ ...shown }} {...rest} />;
}

/** A link to somewhere else, opened apart; what is no web address stays plain text. */
export function ExternalLink({ href, children }: { href: string; children: ReactNode }) {
  const styles = useStyles();
  if (!/^https?:\/\//i.test(href)) return children;
  return (
    <TextAnchor href={href} className={styles.underlined} target="_blank" rel="noreferrer noopener">
      {children}
    </TextAnchor>
  );
}
