import { makeStyles, tokens } from "@fluentui/react-components";
import { Failure } from "@/components/states";
import { markedLine } from "@/kql/place";
import { diagnosticsOf, lengthOf } from "./diagnostics";

const useStyles = makeStyles({
  place: {
    margin: "6px 0 0",
    padding: "6px 10px",
    overflowX: "auto",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: "13px",
    lineHeight: "20px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
  },
  mark: {
    color: "inherit",
    backgroundColor: "transparent",
    textDecorationLine: "underline",
    textDecorationStyle: "wavy",
    textDecorationColor: tokens.colorPaletteRedForeground1,
    textUnderlineOffset: "3px",
  },
});

/** Why a query did not run, each fault with its line and the place underlined. */
export function QueryFailure({ error, query }: { error: Error; query: string }) {
  const faults = diagnosticsOf(error);
  if (faults.length === 0) return <Failure title="The query could not be run" error={error} />;
  return faults.map((fault) => (
    <Failure
      key={`${fault.line}:${fault.column} ${fault.message}`}
      title={`Line ${fault.line}, column ${fault.column}:`}
      error={`${fault.code}: ${fault.message}`}
    >
      <Place query={query} line={fault.line} column={fault.column} length={lengthOf(fault)} />
    </Failure>
  ));
}

function Place(props: { query: string; line: number; column: number; length: number }) {
  const styles = useStyles();
  const { before, marked, after } = markedLine(props.query, props.line, props.column, props.length);
  return (
    <pre className={styles.place}>
      {before}
      <mark className={styles.mark}>{marked}</mark>
      {after}
    </pre>
  );
}
