import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ButtonHTMLAttributes } from "react";

const useStyles = makeStyles({
  button: {
    padding: 0,
    border: "none",
    background: "none",
    font: "inherit",
    color: "inherit",
    textAlign: "inherit",
    cursor: "pointer",
    borderRadius: tokens.borderRadiusSmall,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  link: {
    color: tokens.colorBrandForegroundLink,
    ":hover": { textDecorationLine: "underline" },
  },
});

interface TextButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Whether it is coloured as a link. */
  link?: boolean;
}

/** A button that reads as the text around it. */
export function TextButton({ link = false, className, ...props }: TextButtonProps) {
  const styles = useStyles();
  return (
    <button
      type="button"
      className={mergeClasses(styles.button, link && styles.link, className)}
      {...props}
    />
  );
}
