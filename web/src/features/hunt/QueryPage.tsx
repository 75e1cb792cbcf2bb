import { Button, makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import { PlayRegular, StopRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { runQuery } from "@/api/query";
import { Editor } from "./Editor";
import { QueryFailure } from "./QueryFailure";
import { ResultView } from "./ResultView";

const route = getRouteApi("/query");

const useStyles = makeStyles({
  page: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
  title: {
    margin: "4px 0 0",
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
  },
  bar: { display: "flex", alignItems: "center", gap: "8px" },
  hint: { color: tokens.colorNeutralForeground3 },
});

export function QueryPage() {
  const styles = useStyles();
  const { q = "", columns } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(q);
  const editor = useRef<HTMLTextAreaElement>(null);
  const running = useRef<AbortController>(null);
  const run = useMutation({
    mutationFn: (query: string) => {
      running.current?.abort();
      running.current = new AbortController();
      return runQuery(query, running.current.signal);
    },
  });
  const { mutate, reset } = run;

  const start = useCallback(
    (query: string) => {
      if (query.trim() !== "") mutate(query);
    },
    [mutate],
  );

  // A link carries its query; following one shows its answer.
  useEffect(() => {
    setText(q);
    start(q);
    return () => running.current?.abort();
  }, [q, start]);

  const submit = () => {
    if (text === q) start(text);
    else navigate({ search: { q: text } });
  };

  const cancel = () => {
    running.current?.abort();
    reset();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  };

  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Query</h1>
      <Editor ref={editor} value={text} onChange={setText} onKeyDown={onKeyDown} />
      <div className={styles.bar}>
        <Button
          appearance="primary"
          icon={<PlayRegular />}
          onClick={submit}
          disabled={text.trim() === ""}
        >
          Run
        </Button>
        <Button icon={<StopRegular />} onClick={cancel} disabled={!run.isPending}>
          Cancel
        </Button>
        {run.isPending && <Spinner size="tiny" label="Running" />}
        <Text size={200} className={styles.hint}>
          Ctrl+Enter runs it. The query is in the address of this page: the address is a link to it.
        </Text>
      </div>
      {run.isError && <QueryFailure error={run.error} query={run.variables} />}
      {run.isSuccess && (
        <ResultView
          result={run.data}
          columns={columns}
          onColumns={(word) => navigate({ search: { q, columns: word }, replace: true })}
        />
      )}
    </div>
  );
}
