import { Dialog, DialogSurface } from "@fluentui/react-components";
import { type ReactNode, useState } from "react";

/** A dialog that a menu opens, and what opens it; content is given what closes it. */
export function useDialog(content: (close: () => void) => ReactNode) {
  const [open, setOpen] = useState(false);
  return {
    ask: () => setOpen(true),
    dialog: (
      <Dialog open={open} onOpenChange={(_, data) => setOpen(data.open)}>
        <DialogSurface>{content(() => setOpen(false))}</DialogSurface>
      </Dialog>
    ),
  };
}
