import { makeStyles, Text } from "@fluentui/react-components";
import { Card } from "@/components/Card";
import { CoverageTable } from "@/components/CoverageTable";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { ComparisonSummary } from "./ComparisonSummary";
import { useComparison } from "./comparing";
import { type EntityView, showPeriod } from "./view";

const useStyles = makeStyles({ text: { marginBottom: "8px" } });

/** The answer "not seen", which is worth only as much as what was searched. */
export function NotSeen({ view }: { view: EntityView }) {
  const { page } = view;
  const styles = useStyles();
  const comparison = useComparison(view);
  const coverage = page.coverage ?? [];
  return (
    <Card title={notSeenTitle(page)}>
      <Text block className={styles.text}>
        <Untrusted>{page.id}</Untrusted>{" "}
        {coverage.length === 0
          ? "was not seen, but nothing is loaded in which it could have been."
          : "was not seen in these tables, since these dates:"}
      </Text>
      {coverage.length > 0 && <CoverageTable label="What was searched" rows={coverage} />}
      {view.search.compare !== undefined && (
        <ComparisonSummary view={view} answer={comparison.answer} />
      )}
      {page.kind === "domain" && (
        <Text block>
          Names below it are no sightings of it.{" "}
          <TextButton
            link
            onClick={() => view.update({ ...showPeriod({ range: "all" }), tab: "dns" })}
          >
            Show its subdomains of all time
          </TextButton>
        </Text>
      )}
      {!page.range.default && (
        <Text block>
          <TextButton link onClick={() => view.update(showPeriod(null))}>
            Show its last sightings
          </TextButton>
        </Text>
      )}
    </Card>
  );
}

function notSeenTitle(page: EntityView["page"]): string {
  if (page.role) return `Not seen as ${page.role} in this period`;
  return page.range.default ? "Never seen" : "Not seen in this period";
}
