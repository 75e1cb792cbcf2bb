import { Button, makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { Failure } from "@/components/states";

const useStyles = makeStyles({
  page: {
    display: "grid",
    placeItems: "center",
    minHeight: "100vh",
    padding: "16px",
    boxSizing: "border-box",
  },
  form: {
    display: "grid",
    gap: "14px",
    width: "min(360px, 100%)",
    boxSizing: "border-box",
    padding: "28px",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow8,
  },
  name: { margin: 0, fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  lead: { color: tokens.colorNeutralForeground2 },
});

interface SessionFormProps {
  title: string;
  lead: string;
  action: string;
  failure?: { title: string; reason: string };
  busy: boolean;
  onSubmit: () => void;
  children: ReactNode;
}

/** The frame that the sign-in and the new password share. */
export function SessionForm({
  title,
  lead,
  action,
  failure,
  busy,
  onSubmit,
  children,
}: SessionFormProps) {
  const styles = useStyles();
  return (
    <main className={styles.page}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <h1 className={styles.name}>{title}</h1>
        <Text className={styles.lead}>{lead}</Text>
        {failure && <Failure title={failure.title} error={failure.reason} />}
        {children}
        <Button
          type="submit"
          appearance="primary"
          disabled={busy}
          icon={busy ? <Spinner size="tiny" /> : undefined}
        >
          {action}
        </Button>
      </form>
    </main>
  );
}
