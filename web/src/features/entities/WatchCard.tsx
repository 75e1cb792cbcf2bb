import { Button, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EntityKind } from "@/api/entities";
import { addWatch, endWatch, watchesQuery } from "@/api/watches";
import { Card } from "@/components/Card";
import { Empty, Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";

const useStyles = makeStyles({
  form: { display: "grid", gap: "8px", marginTop: "8px" },
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "6px" },
  by: { color: tokens.colorNeutralForeground3 },
});

interface WatchCardProps {
  kind: EntityKind;
  id: string;
  /** Whether the user may change what stands here. */
  writes: boolean;
  /** Where it was opened to set a mark, so that one can write at once: what follows then. */
  onAdded?: () => void;
}

/** Who wants to hear of the next records of an entity. */
export function WatchCard({ kind, id, writes, onAdded }: WatchCardProps) {
  const styles = useStyles();
  const cache = useQueryClient();
  const watches = useQuery(watchesQuery(kind, id));
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const changed = () => {
    setReason("");
    setUntil("");
    void cache.invalidateQueries({ queryKey: ["watches", kind, id] });
    void cache.invalidateQueries({ queryKey: ["entity audit", kind, id] });
  };
  const add = useMutation({
    // The last day counts whole.
    mutationFn: () => addWatch(kind, id, reason, until === "" ? undefined : `${until}T23:59:59Z`),
    onSuccess: () => {
      changed();
      onAdded?.();
    },
  });
  const end = useMutation({ mutationFn: endWatch, onSuccess: changed });
  const list = watches.data?.items ?? [];
  const failure = watches.error ?? add.error ?? end.error;
  return (
    <Card title="Watch" count={watches.data && list.length}>
      {watches.data && list.length === 0 && <Empty>Nobody is told when it is seen again.</Empty>}
      <ul className={styles.list}>
        {list.map((w) => (
          <li key={w.id}>
            <Untrusted>{w.reason}</Untrusted>
            <Text block size={200} className={styles.by}>
              <Untrusted>{w.owner}</Untrusted>, since {formatDay(w.created)}
              {w.expires ? `, until ${formatDay(w.expires)}` : ""}
              {writes && (
                <>
                  {" · "}
                  <TextButton link onClick={() => end.mutate(w.id)}>
                    End
                  </TextButton>
                </>
              )}
            </Text>
          </li>
        ))}
      </ul>
      {failure && <Failure title="That did not work" error={failure} />}
      {writes && (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Field label="Why watch it" size="small">
            <Input
              size="small"
              autoFocus={onAdded !== undefined}
              value={reason}
              maxLength={2000}
              onChange={(_, { value }) => setReason(value)}
            />
          </Field>
          <Field label="Until (UTC day, empty: until ended)" size="small">
            <Input
              size="small"
              type="date"
              value={until}
              onChange={(_, { value }) => setUntil(value)}
            />
          </Field>
          <Button type="submit" size="small" disabled={reason.trim() === "" || add.isPending}>
            Watch it
          </Button>
        </form>
      )}
    </Card>
  );
}
