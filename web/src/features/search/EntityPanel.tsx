import { Button, makeStyles, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { formNames, isForm, searchQuery } from "@/api/search";
import { defang } from "@/components/defang";
import type { NamedEntity } from "@/components/entityActions";
import { ButtonLink, entityPath } from "@/components/links";
import { SidePanel } from "@/components/SidePanel";
import { CardSkeleton, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";
import { huntQuery } from "@/kql/hunt";
import { Preview } from "./Preview";

const useStyles = makeStyles({
  actions: { display: "flex", flexWrap: "wrap", gap: "8px", marginTop: "14px" },
});

/** What is known of an entity, beside whatever page it was found on. */
export function EntityPanel({ entity, onClose }: { entity: NamedEntity; onClose: () => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const { kind, id } = entity;
  const answer = useQuery(searchQuery(id));
  const found = answer.data?.suggestions?.find((s) => s.kind === kind);
  return (
    <SidePanel title={isForm(kind) ? formNames[kind] : kind} onClose={onClose}>
      {answer.isPending && <CardSkeleton label="Looking it up" height={200} />}
      {answer.isError && (
        <Failure title="It could not be looked up" error={answer.error} again={answer.refetch} />
      )}
      {found && <Preview of={found} titled />}
      {answer.data && !found && (
        <Text>
          <Untrusted>{id}</Untrusted>
        </Text>
      )}
      <div className={styles.actions}>
        <Button
          appearance="primary"
          size="small"
          onClick={() => {
            onClose();
            void navigate(entityPath(kind, id));
          }}
        >
          Open its page
        </Button>
        <ButtonLink to="/query" search={{ q: huntQuery(kind, id) }} onClick={onClose}>
          Hunt
        </ButtonLink>
        <Button size="small" onClick={() => void navigator.clipboard.writeText(defang(id))}>
          Copy defanged
        </Button>
      </div>
    </SidePanel>
  );
}
