import { makeStyles, tokens } from "@fluentui/react-components";
import type { KeyboardEvent, Ref } from "react";

const useStyles = makeStyles({
  editor: {
    boxSizing: "border-box",
    width: "100%",
    resize: "vertical",
    padding: "10px 12px",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: "13px",
    lineHeight: "20px",
    tabSize: 4,
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    ":focus-visible": { outline: `2px solid ${tokens.colorBrandStroke1}`, outlineOffset: "-1px" },
  },
});

interface EditorProps {
  ref: Ref<HTMLTextAreaElement>;
  value: string;
  onChange: (value: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** The text of a query. */
export function Editor({ ref, value, onChange, onKeyDown }: EditorProps) {
  const styles = useStyles();
  return (
    <textarea
      ref={ref}
      className={styles.editor}
      aria-label="Query text"
      placeholder={
        'DeviceNetworkEvents\n| where RemoteIP == "203.0.113.9"\n| summarize count() by DeviceName'
      }
      spellCheck={false}
      autoCapitalize="off"
      wrap="off"
      rows={Math.min(Math.max(value.split("\n").length + 1, 6), 20)}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
