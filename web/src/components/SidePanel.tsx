import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  body: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "14px",
    alignContent: "start",
    paddingBottom: "16px",
  },
});

interface SidePanelProps {
  /** The accessible name; the title says at least as much. */
  label?: string;
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** What is opened beside a page: one thing in full. Esc and a click outside close it. */
export function SidePanel({ label, title, onClose, children }: SidePanelProps) {
  const styles = useStyles();
  return (
    <OverlayDrawer
      open
      position="end"
      size="medium"
      aria-label={label}
      onOpenChange={(_, { open }) => open || onClose()}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button
              appearance="subtle"
              aria-label="Close"
              icon={<DismissRegular />}
              onClick={onClose}
            />
          }
        >
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <div className={styles.body}>{children}</div>
      </DrawerBody>
    </OverlayDrawer>
  );
}
