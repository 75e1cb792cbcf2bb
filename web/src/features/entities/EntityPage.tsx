import { makeStyles } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError } from "@/api/client";
import {
  type EntityDocument,
  type EntityKind,
  type EntityScope,
  entityQuery,
} from "@/api/entities";
import { Failure, Loading } from "@/components/states";
import { periodOfDays } from "@/time/range";
import { AlertsCard } from "./AlertsCard";
import { AnswerLine } from "./AnswerLine";
import { DevicesCard } from "./DevicesCard";
import { EntityHeader } from "./EntityHeader";
import { HoldersCard } from "./HoldersCard";
import { IdentityCard } from "./IdentityCard";
import { NetworksCard } from "./NetworksCard";
import { NotSeen } from "./NotSeen";
import { PeersCard } from "./PeersCard";
import { PrevalenceCard } from "./PrevalenceCard";
import { SourcesCard } from "./SourcesCard";
import { type EntityView, periodOfView } from "./view";

const useStyles = makeStyles({
  body: {
    display: "grid",
    gridTemplateColumns: "304px minmax(0, 1fr)",
    gap: "14px",
    alignItems: "start",
    "@media (max-width: 1000px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  column: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
});

interface EntityPageProps {
  kind: EntityKind;
  id: string;
  view: EntityView;
  onView: (view: EntityView) => void;
}

/** Everything about one entity; the pages of all kinds are this one. */
export function EntityPage({ kind, id, view, onView }: EntityPageProps) {
  const { range, from, to, site } = view;
  const scope = useMemo<EntityScope>(
    () => ({ kind, id, site, ...periodOfView({ range, from, to }, new Date()) }),
    [kind, id, site, range, from, to],
  );
  const page = useQuery(entityQuery(scope));
  if (page.isPending) return <Loading label={`Looking for ${id}`} />;
  if (page.isError) return <Refused kind={kind} error={page.error} />;
  return <Story page={page.data} scope={scope} view={view} onView={onView} />;
}

interface StoryProps {
  page: EntityDocument;
  scope: EntityScope;
  view: EntityView;
  onView: (view: EntityView) => void;
}

function Story({ page, scope, view, onView }: StoryProps) {
  const styles = useStyles();
  const seen = (page.sources ?? []).length > 0;
  const showDays = (first: string, last: string) =>
    onView({ ...view, range: undefined, ...periodOfDays(first, last) });
  return (
    <>
      <EntityHeader page={page} view={view} onView={onView} />
      <div className={styles.body}>
        <div className={styles.column}>
          {page.identity && <IdentityCard address={page.id} identity={page.identity} />}
          <SourcesCard sources={page.sources ?? []} allTime={page.range.default} />
          {page.kind === "ip" && <HoldersCard holders={page.holders ?? []} />}
          {page.identity && <NetworksCard networks={page.identity.networks ?? []} />}
        </div>
        <div className={styles.column}>
          <AnswerLine headline={page.headline} />
          {(page.errors ?? []).map((e) => (
            <Failure
              key={e.section}
              title={`The section “${e.section}” could not be filled`}
              error={e.reason}
            />
          ))}
          {seen ? (
            <>
              <PrevalenceCard prevalence={page.prevalence} onDays={showDays} />
              <AlertsCard alerts={page.alerts} />
              <DevicesCard page={page} scope={scope} onSite={(site) => onView({ ...view, site })} />
              <PeersCard page={page} scope={scope} />
            </>
          ) : (
            <NotSeen page={page} />
          )}
        </div>
      </div>
    </>
  );
}

function Refused({ kind, error }: { kind: EntityKind; error: Error }) {
  const malformed = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return (
    <Failure
      title={
        malformed
          ? `Not a valid ${kind === "ip" ? "IP address" : kind}`
          : "The page could not be read"
      }
      error={error}
    />
  );
}
