import { Text } from "@fluentui/react-components";
import type { Coverage } from "@/api/coverage";
import { Card } from "@/components/Card";
import { CoverageTable } from "@/components/CoverageTable";
import { Untrusted } from "@/components/Untrusted";

/** The answer "not seen", which is worth only as much as what was searched. */
export function NeverSeen({ id, coverage }: { id: string; coverage: readonly Coverage[] }) {
  return (
    <Card title="Not seen">
      <Text block>
        <Untrusted>{id}</Untrusted>{" "}
        {coverage.length === 0
          ? "was not seen, but nothing is loaded in which it could have been."
          : "was not seen in these tables, since these dates:"}
      </Text>
      {coverage.length > 0 && <CoverageTable label="What was searched" rows={coverage} />}
    </Card>
  );
}
