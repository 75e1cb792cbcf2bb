import { Button, Text } from "@fluentui/react-components";
import { EyeFilled, EyeRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { notesQuery } from "@/api/notes";
import { watchesQuery } from "@/api/watches";
import { Untrusted } from "@/components/Untrusted";
import type { EntityView } from "./view";

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

function WatchButton({ view }: { view: EntityView }) {
  const watches = useQuery(watchesQuery(view.entity.kind, view.page.id)).data?.items ?? [];
  return (
    <Button
      size="small"
      icon={watches.length > 0 ? <EyeFilled /> : <EyeRegular />}
      onClick={() => view.update({ tab: "notes" })}
    >
      {watches.length > 0 ? "Watched" : "Watch"}
    </Button>
  );
}
