import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
} from "@fluentui/react-components";
import type { ReactNode } from "react";

interface DialogFormProps {
  title: string;
  /** What the form does when it is sent, on its button. */
  does: string;
  /** Whether it can be sent as it is. */
  ready: boolean;
  onSend: () => void;
  onClose: () => void;
  /** Lays out what is asked for. */
  className?: string;
  children: ReactNode;
}

/** A form as the content of a dialog. */
export function DialogForm(props: DialogFormProps) {
  const { title, does, ready, onSend, onClose, className, children } = props;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSend();
      }}
    >
      <DialogBody>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent className={className}>{children}</DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" appearance="primary" disabled={!ready}>
            {does}
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}
