import { Button, MessageBar, MessageBarBody, makeStyles, Text } from "@fluentui/react-components";
import { ArrowUploadRegular, FolderAddRegular } from "@fluentui/react-icons";
import {
  type QueryKey,
  type UseQueryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type ReactElement, useMemo, useRef, useState } from "react";
import { mayChange, sessionQuery } from "@/api/session";
import { Card } from "@/components/Card";
import type { Column } from "@/components/DataTable";
import { counted } from "@/components/numbers";
import { PickedTable } from "@/components/PickedTable";
import { CardSkeleton, Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { type Imported, type ImportOutcome, importEach, isListFile } from "./importing";
import { useRemoval } from "./useRemoval";

const useStyles = makeStyles({
  tools: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px", marginTop: "8px" },
  outcome: { display: "grid", gap: "6px", marginTop: "8px" },
  refused: { margin: "4px 0 0", paddingLeft: "18px", maxHeight: "160px", overflowY: "auto" },
});

interface ImportedCardProps<T, K extends QueryKey> {
  title: string;
  note: string;
  /** Names the table on the server and in the link. */
  table: string;
  query: UseQueryOptions<{ items: T[] | null }, Error, { items: T[] | null }, K>;
  columns: readonly Column<T>[];
  usual?: readonly string[];
  /** The endings of files that can be chosen. */
  accept: string;
  /** Whether a folder can be chosen, too. */
  folders?: boolean;
  hint: string;
  empty: string;
  put: (file: File) => Promise<void>;
  remove: (item: T) => Promise<void>;
  called: (item: T) => string;
}

/** What was imported of one sort, with what puts more in and takes some out. */
export function ImportedCard<T extends object, K extends QueryKey>(props: ImportedCardProps<T, K>) {
  const { title, note, table, query, columns, usual, empty, remove, called } = props;
  const cache = useQueryClient();
  const found = useQuery(query);
  const writes = mayChange(useQuery(sessionQuery).data);
  // What it says stands on the pages of entities.
  const changed = () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: query.queryKey }),
      cache.invalidateQueries({ queryKey: ["entity"] }),
    ]);
  const removal = useRemoval<T>({
    called,
    warning: () => "Pages say nothing of it from then on, until its file is imported again.",
    remove,
    onRemoved: changed,
  });
  const shown = useMemo(() => [...columns, removal.column], [columns, removal.column]);
  if (found.isPending) return <CardSkeleton label={`Reading: ${title}`} height={120} holds />;
  if (found.isError)
    return (
      <Failure title={`${title}: could not be read`} error={found.error} again={found.refetch} />
    );
  const items = found.data.items ?? [];
  return (
    <Card title={title} count={items.length} note={note}>
      {removal.dialog}
      {items.length === 0 ? (
        <Empty>{empty}</Empty>
      ) : (
        <PickedTable
          table={table}
          label={title}
          columns={writes ? shown : columns}
          usual={usual && writes ? [...usual, "remove"] : usual}
          rows={items}
          maxHeight={420}
        />
      )}
      {writes && <Import {...props} changed={changed} />}
    </Card>
  );
}

interface ImportProps {
  title: string;
  accept: string;
  folders?: boolean;
  hint: string;
  put: (file: File) => Promise<void>;
  changed: () => Promise<unknown>;
}

/** Puts chosen files in, one after the other. */
function Import({ title, accept, folders = false, hint, put, changed }: ImportProps) {
  const styles = useStyles();
  const [at, setAt] = useState<Imported>();
  const stop = useRef(new AbortController());
  const work = useMutation({
    mutationFn: (files: readonly File[]) => {
      stop.current = new AbortController();
      return importEach(files, put, setAt, stop.current.signal);
    },
    onSettled: changed,
  });
  const button = { of: title, disabled: work.isPending, onChosen: work.mutate };
  return (
    <>
      <div className={styles.tools}>
        <FileButton
          {...button}
          label="Import files"
          icon={<ArrowUploadRegular />}
          accept={accept}
        />
        {folders && (
          <FileButton {...button} label="Import a folder" icon={<FolderAddRegular />} folder />
        )}
        {work.isPending && at ? (
          <>
            <Text size={200} role="status">
              {at.done} of {at.of} files, now <Untrusted>{at.file}</Untrusted>
            </Text>
            <Button size="small" onClick={() => stop.current.abort()}>
              Stop
            </Button>
          </>
        ) : (
          <Text size={200}>{hint}</Text>
        )}
      </div>
      {work.data && <Outcome {...work.data} />}
    </>
  );
}

/** What became of the files. */
function Outcome({ put, of, refused }: ImportOutcome) {
  const styles = useStyles();
  const left = of - put - refused.length;
  return (
    <div className={styles.outcome}>
      {put + left > 0 && (
        <MessageBar intent={put > 0 ? "success" : "info"}>
          <MessageBarBody>
            {counted(put, "file")} imported
            {left > 0 && `, ${counted(left, "file")} left out: stopped`}.
          </MessageBarBody>
        </MessageBar>
      )}
      {of === 0 && <Failure title="There was no list among the files" />}
      {refused.length > 0 && (
        <Failure title={`${counted(refused.length, "file")} refused`}>
          <ul className={styles.refused}>
            {refused.map(({ file, why }) => (
              <li key={file}>
                <Untrusted>{`${file}: ${why}`}</Untrusted>
              </li>
            ))}
          </ul>
        </Failure>
      )}
    </div>
  );
}

interface FileButtonProps {
  label: string;
  of: string;
  icon: ReactElement;
  disabled: boolean;
  /** The endings of files that can be chosen. */
  accept?: string;
  /** Whether a folder is chosen, with all that lies below it. */
  folder?: boolean;
  onChosen: (files: File[]) => void;
}

function FileButton(props: FileButtonProps) {
  const { label, of, icon, disabled, accept, folder = false, onChosen } = props;
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-label={`${label}: ${of}`}
        accept={accept}
        onChange={({ target }) => {
          onChosen([...(target.files ?? [])].filter(isListFile));
          target.value = ""; // the same file can be chosen again
        }}
        {...(folder && { webkitdirectory: "" })}
      />
      <Button
        size="small"
        icon={icon}
        disabled={disabled}
        aria-label={`${label}: ${of}`}
        onClick={() => field.current?.click()}
      >
        {label}
      </Button>
    </>
  );
}
