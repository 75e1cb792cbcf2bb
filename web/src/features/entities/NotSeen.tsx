import { makeStyles, Text } from "@fluentui/react-components";
import type { EntityDocument } from "@/api/entities";
import { Card } from "@/components/Card";
import { CoverageTable } from "@/components/CoverageTable";
import { TextLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";

const useStyles = makeStyles({ text: { marginBottom: "8px" } });

/** The answer "not seen", which is worth only as much as what was searched. */
export function NotSeen({ page }: { page: EntityDocument }) {
  const styles = useStyles();
  const coverage = page.coverage ?? [];
  return (
    <Card title={page.range.default ? "Never seen" : "Not seen in this period"}>
      <Text block className={styles.text}>
        <Untrusted>{page.id}</Untrusted>{" "}
        {coverage.length === 0
          ? "was not seen, but nothing is loaded in which it could have been."
          : "was not seen in these tables, since these dates:"}
      </Text>
      {coverage.length > 0 && <CoverageTable label="What was searched" rows={coverage} />}
      {!page.range.default && (
        <Text block>
          <TextLink to="." search={{ site: page.site || undefined }}>
            Show its last sightings
          </TextLink>
        </Text>
      )}
    </Card>
  );
}
