import { makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { coverageQuery } from "@/api/coverage";
import { Card } from "@/components/Card";
import { CoverageTable } from "@/components/CoverageTable";
import { Empty, Failure, Loading } from "@/components/states";

const useStyles = makeStyles({
  page: { display: "grid", gap: "12px", maxWidth: "1100px" },
  title: {
    margin: "4px 0 0",
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
  },
});

export function SourcesPage() {
  const styles = useStyles();
  const coverage = useQuery(coverageQuery);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Sources</h1>
      {coverage.isPending && <Loading label="Reading the sources" />}
      {coverage.isError && <Failure title="The sources could not be read" error={coverage.error} />}
      {coverage.isSuccess && (
        <Card title="Records by source kind">
          {coverage.data.coverage?.length ? (
            <CoverageTable label="Records by source kind" rows={coverage.data.coverage} />
          ) : (
            <Empty>Nothing is loaded yet.</Empty>
          )}
        </Card>
      )}
    </div>
  );
}
