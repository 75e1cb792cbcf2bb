import {
  Button,
  makeStyles,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Text,
} from "@fluentui/react-components";
import { EyeFilled, EyeRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { notesQuery } from "@/api/notes";
import { mayChange, sessionQuery } from "@/api/session";
import { watchesQuery } from "@/api/watches";
import { CardSkeleton } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  // The card brings its own frame.
  surface: { padding: 0, width: "320px", maxWidth: "90vw" },
});

const WatchCard = lazy(async () => ({ default: (await import("./WatchCard")).WatchCard }));

/** What people here call it, and whether they watch it. */
export function AliasAndWatch({ view }: { view: EntityView }) {
  const about = { kind: view.entity.kind, id: view.page.id };
  const alias = useQuery(notesQuery(about)).data?.alias ?? "";
  return (
    <>
      {alias !== "" && (
        <Text>
          “<Untrusted>{alias}</Untrusted>”
        </Text>
      )}
      <WatchButton view={view} />
    </>
  );
}

/** The marks on the entity, and a form that sets one, wherever on the page one is. */
function WatchButton({ view }: { view: EntityView }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const { kind } = view.entity;
  const { id } = view.page;
  const watches = useQuery(watchesQuery(kind, id)).data?.items ?? [];
  const writes = mayChange(useQuery(sessionQuery).data);
  return (
    <Popover
      open={open}
      onOpenChange={(_, data) => setOpen(data.open)}
      positioning="below-start"
      trapFocus
    >
      <PopoverTrigger disableButtonEnhancement>
        <Button size="small" icon={watches.length > 0 ? <EyeFilled /> : <EyeRegular />}>
          {watches.length > 0 ? "Watched" : "Watch"}
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label="Who watches it">
        <Suspense fallback={<CardSkeleton label="Loading" height={220} />}>
          <WatchCard kind={kind} id={id} writes={writes} onAdded={() => setOpen(false)} />
        </Suspense>
      </PopoverSurface>
    </Popover>
  );
}
