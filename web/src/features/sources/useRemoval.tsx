import { Dialog, DialogSurface } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import type { Column } from "@/components/DataTable";
import { DialogForm } from "@/components/DialogForm";
import { Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";

interface Removal<T> {
  /** Names one of them. */
  called: (item: T) => string;
  /** What is no more once it is gone. */
  warning: (item: T) => ReactNode;
  remove: (item: T) => Promise<void>;
  onRemoved: () => Promise<unknown>;
}

/** A column that removes a row when one has said so twice, its dialog, and why it failed. */
export function useRemoval<T>({ called, warning, remove, onRemoved }: Removal<T>) {
  const [leaving, setLeaving] = useState<T>();
  const close = () => setLeaving(undefined);
  const removal = useMutation({ mutationFn: remove, onSuccess: onRemoved, onSettled: close });
  const column = useMemo<Column<T>>(
    () => ({
      id: "remove",
      header: "Remove",
      cell: (item) => (
        <TextButton link aria-label={`Remove ${called(item)}`} onClick={() => setLeaving(item)}>
          Remove
        </TextButton>
      ),
    }),
    [called],
  );
  const dialog = (
    <>
      {removal.isError && <Failure title="It was not removed" error={removal.error} />}
      <Dialog open={leaving !== undefined} onOpenChange={close}>
        <DialogSurface>
          {leaving !== undefined && (
            <DialogForm
              title={`Remove ${called(leaving)}?`}
              does="Remove"
              ready={!removal.isPending}
              onSend={() => removal.mutate(leaving)}
              onClose={close}
            >
              {warning(leaving)}
            </DialogForm>
          )}
        </DialogSurface>
      </Dialog>
    </>
  );
  return { column, dialog };
}
