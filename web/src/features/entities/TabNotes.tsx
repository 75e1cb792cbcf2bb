import { Button, Input, makeStyles, Text, Textarea, tokens } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import {
  addNote,
  changeNote,
  entityAuditQuery,
  type Note,
  noteHistoryQuery,
  notesQuery,
  removeNote,
  setAlias,
} from "@/api/notes";
import { mayChange, sessionQuery } from "@/api/session";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { Moment } from "@/components/Moment";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { formatMinute } from "@/time/format";
import { NotCompared } from "./comparing";
import type { EntityView } from "./view";
import { WatchCard } from "./WatchCard";

const useStyles = makeStyles({
  grid: {
    display: "grid",
    gap: "12px",
    gridTemplateColumns: "minmax(0, 3fr) minmax(260px, 1fr)",
    alignItems: "start",
    "@media (max-width: 1000px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  column: { display: "grid", gap: "12px" },
  form: { display: "grid", gap: "8px", marginBottom: "12px" },
  row: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  notes: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "10px" },
  note: { borderTop: `1px solid ${tokens.colorNeutralStroke2}`, paddingTop: "8px" },
  by: { color: tokens.colorNeutralForeground3 },
  old: {
    margin: "6px 0 0",
    paddingLeft: "10px",
    borderLeft: `2px solid ${tokens.colorNeutralStroke2}`,
  },
  grow: { flexGrow: 1 },
});

/** What people wrote about the entity, who watches it, and who looked at it. */
export function TabNotes({ view }: { view: EntityView }) {
  const styles = useStyles();
  const session = useQuery(sessionQuery).data;
  const writes = mayChange(session);
  const { kind } = view.entity;
  return (
    <div className={styles.grid}>
      <div className={styles.column}>
        <NotCompared view={view}>
          notes, marks and the audit are about the entity, whatever the period.
        </NotCompared>
        <NotesCard view={view} writes={writes} />
        {session?.role === "admin" && <AuditCard view={view} />}
      </div>
      <div className={styles.column}>
        <AliasCard view={view} writes={writes} />
        <WatchCard kind={kind} id={view.page.id} writes={writes} />
      </div>
    </div>
  );
}

interface PartProps {
  view: EntityView;
  /** Whether the user may change what stands here. */
  writes: boolean;
}

/** The entity as the notes know it, and what to do once they changed. */
function useSubject(view: EntityView) {
  const cache = useQueryClient();
  const about = { kind: view.entity.kind, id: view.page.id };
  const changed = () => {
    void cache.invalidateQueries({ queryKey: ["notes", about.kind, about.id] });
    void cache.invalidateQueries({ queryKey: ["note history"] });
    void cache.invalidateQueries({ queryKey: ["entity audit", about.kind, about.id] });
    void cache.invalidateQueries({ queryKey: ["search"] });
  };
  return { about, changed };
}

function NotesCard({ view, writes }: PartProps) {
  const styles = useStyles();
  const { about, changed } = useSubject(view);
  const notes = useQuery(notesQuery(about));
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: () => addNote(about, text),
    onSuccess: () => {
      setText("");
      changed();
    },
  });
  const list = notes.data?.notes ?? [];
  return (
    <Card title="Notes" count={notes.data && list.length}>
      {writes && (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Textarea
            aria-label="New note"
            placeholder="What should the next one who looks know?"
            rows={3}
            resize="vertical"
            value={text}
            onChange={(_, { value }) => setText(value)}
          />
          <div className={styles.row}>
            <Button
              type="submit"
              size="small"
              appearance="primary"
              disabled={text.trim() === "" || add.isPending}
            >
              Add note
            </Button>
          </div>
          {add.isError && <Failure title="The note was not kept" error={add.error} />}
        </form>
      )}
      {notes.isPending && <CardSkeleton label="Loading notes" height={80} />}
      {notes.isError && (
        <Failure title="The notes could not be read" error={notes.error} again={notes.refetch} />
      )}
      {notes.data && list.length === 0 && <Empty>Nobody has written about it yet.</Empty>}
      <ul className={styles.notes}>
        {list.map((note) => (
          <NoteItem key={note.id} note={note} writes={writes} changed={changed} />
        ))}
      </ul>
    </Card>
  );
}

function NoteItem({ note, writes, changed }: { note: Note; writes: boolean; changed: () => void }) {
  const styles = useStyles();
  const [draft, setDraft] = useState<string | null>(null);
  const [history, setHistory] = useState(false);
  const change = useMutation({
    mutationFn: (text: string) => changeNote(note.id, text),
    onSuccess: () => {
      setDraft(null);
      changed();
    },
  });
  const remove = useMutation({ mutationFn: () => removeNote(note.id), onSuccess: changed });
  const failure = change.error ?? remove.error;
  return (
    <li className={styles.note}>
      {draft === null ? (
        <Untrusted>{note.text}</Untrusted>
      ) : (
        <Textarea
          aria-label="Text of the note"
          value={draft}
          resize="vertical"
          onChange={(_, { value }) => setDraft(value)}
        />
      )}
      <div className={styles.row}>
        <Text size={200} className={styles.by}>
          <Untrusted>{note.author}</Untrusted>, <Moment at={note.created} to="minute" />
          {note.changes > 0 && `; changed by ${note.by}, ${formatMinute(note.at)}`}
        </Text>
        {note.changes > 0 && (
          <TextButton link aria-expanded={history} onClick={() => setHistory(!history)}>
            History
          </TextButton>
        )}
        {writes && draft === null && (
          <>
            <TextButton link onClick={() => setDraft(note.text)}>
              Change
            </TextButton>
            <TextButton link onClick={() => remove.mutate()}>
              Remove
            </TextButton>
          </>
        )}
        {draft !== null && (
          <>
            <Button
              size="small"
              appearance="primary"
              disabled={draft.trim() === ""}
              onClick={() => change.mutate(draft)}
            >
              Keep
            </Button>
            <Button size="small" onClick={() => setDraft(null)}>
              Cancel
            </Button>
          </>
        )}
      </div>
      {failure && <Failure title="The note was not changed" error={failure} />}
      {history && <History id={note.id} />}
    </li>
  );
}

function History({ id }: { id: number }) {
  const styles = useStyles();
  const versions = useQuery(noteHistoryQuery(id));
  if (versions.isPending) return <CardSkeleton label="Loading the history" height={40} />;
  if (versions.isError)
    return (
      <Failure
        title="The history could not be read"
        error={versions.error}
        again={versions.refetch}
      />
    );
  return (
    <>
      {(versions.data.items ?? []).slice(1).map((v) => (
        <blockquote key={v.changes} className={styles.old}>
          <Untrusted>{v.text}</Untrusted>
          <Text block size={200} className={styles.by}>
            {v.by}, <Moment at={v.at} to="minute" />
          </Text>
        </blockquote>
      ))}
    </>
  );
}

function AliasCard({ view, writes }: PartProps) {
  const styles = useStyles();
  const { about, changed } = useSubject(view);
  const notes = useQuery(notesQuery(about));
  const [draft, setDraft] = useState<string | null>(null);
  const alias = notes.data?.alias ?? "";
  const set = useMutation({
    mutationFn: (text: string) => setAlias(about, text),
    onSuccess: () => {
      setDraft(null);
      changed();
    },
  });
  const last = notes.data?.aliases?.[0];
  return (
    <Card title="Alias">
      {writes ? (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (draft !== null) set.mutate(draft);
          }}
        >
          <div className={styles.row}>
            <Input
              className={styles.grow}
              size="small"
              aria-label="Alias"
              placeholder="what people here call it"
              maxLength={100}
              value={draft ?? alias}
              onChange={(_, { value }) => setDraft(value)}
            />
            <Button type="submit" size="small" disabled={draft === null || draft === alias}>
              Keep
            </Button>
          </div>
          {set.isError && <Failure title="The alias was not kept" error={set.error} />}
        </form>
      ) : alias === "" ? (
        <Empty>It has none.</Empty>
      ) : (
        <Untrusted>{alias}</Untrusted>
      )}
      {last && (
        <Text size={200} className={styles.by}>
          {last.by}, <Moment at={last.at} to="minute" />
        </Text>
      )}
    </Card>
  );
}

interface Entry {
  id: number;
  time: string;
  actor: string;
  action: string;
  succeeded: boolean;
  detail?: Record<string, string>;
}

const auditColumns: Column<Entry>[] = [
  { id: "time", header: "Time", minWidth: 130, cell: (e) => <Moment at={e.time} /> },
  { id: "actor", header: "Who", cell: (e) => <Untrusted>{e.actor}</Untrusted> },
  { id: "action", header: "What", cell: (e) => e.action },
  { id: "ok", header: "Done", cell: (e) => (e.succeeded ? "yes" : "no") },
  { id: "detail", header: "More", cell: (e) => detail(e) },
];

function detail(e: Entry): ReactNode {
  const text = Object.entries(e.detail ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join("; ");
  return text === "" ? "" : <Untrusted>{text}</Untrusted>;
}

function AuditCard({ view }: { view: EntityView }) {
  const audit = useQuery(entityAuditQuery({ kind: view.entity.kind, id: view.page.id }));
  return (
    <Card
      title="Audit"
      query={audit.data?.query}
      note="who looked at it, and who changed what is kept of it"
    >
      {audit.isPending && <CardSkeleton label="Loading the audit log" height={120} />}
      {audit.isError && (
        <Failure
          title="The audit log could not be read"
          error={audit.error}
          again={audit.refetch}
        />
      )}
      {audit.data && (
        <PickedTable
          table="entity-audit"
          label="Audit"
          columns={auditColumns}
          rows={audit.data.items ?? []}
          maxHeight={360}
        />
      )}
    </Card>
  );
}
