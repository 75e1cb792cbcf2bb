import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
} from "@fluentui/react-components";
import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

const useStyles = makeStyles({
  bar: { position: "sticky", top: 0, zIndex: 2, marginBottom: "12px" },
});

/** Says that the server does not answer, for as long as it does not. */
export function Outage() {
  const styles = useStyles();
  const reached = useSyncExternalStore(
    (told) => onlineManager.subscribe(told),
    () => onlineManager.isOnline(),
  );
  if (reached) return null;
  return (
    <MessageBar intent="warning" role="alert" className={styles.bar}>
      <MessageBarBody>
        <MessageBarTitle>The server does not answer</MessageBarTitle>
        What is shown may be old. The page goes on by itself when the server is back.
      </MessageBarBody>
    </MessageBar>
  );
}
