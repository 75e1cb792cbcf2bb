import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
} from "@fluentui/react-components";
import type { Many } from "@/api/entities";
import { inOrder } from "@/components/inOrder";
import { Later } from "@/components/Later";
import { Failure } from "@/components/states";
import { AddressesCard } from "./AddressesCard";
import { AnswerLine } from "./AnswerLine";
import { ContactsCard } from "./ContactsCard";
import { DevicesCard } from "./DevicesCard";
import { KeyInsights } from "./KeyInsights";
import { NotSeen } from "./NotSeen";
import { OwnUseCards } from "./OwnUseCards";
import { PrevalenceCard } from "./PrevalenceCard";
import { RelatedCard } from "./RelatedCard";
import { SeverityCard } from "./SeverityCard";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  column: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", ...inOrder },
  pair: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) minmax(0, 1fr)",
    gap: "12px",
    alignItems: "start",
    "@media (max-width: 1280px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
});

/** The same of many addresses: who was in contact with any of them, and which were seen. */
function SeenOfMany({ view, many }: { view: EntityView; many: Many }) {
  const styles = useStyles();
  return (
    <>
      {many.wide && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>Counted together</MessageBarTitle>
            In this prefix or range {many.wide}. Records, days, sources and the addresses are
            complete; devices are those that report themselves, and a record of which both ends are
            in it counts in the roles of its source alone.
          </MessageBarBody>
        </MessageBar>
      )}
      <PrevalenceCard view={view} />
      <AddressesCard view={view} many={many} />
      {!many.wide && (
        <div className={styles.pair}>
          <ContactsCard view={view} />
          <SeverityCard view={view} />
        </div>
      )}
      {many.wide && <SeverityCard view={view} />}
      <Later>
        <DevicesCard view={view} />
      </Later>
    </>
  );
}

/** The answer, and what an analyst asks next. */
export function TabOverview({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { page } = view;
  const seen = (page.sources ?? []).length > 0;
  return (
    <div className={styles.column}>
      <AnswerLine headline={page.headline} view={view} />
      {(page.errors ?? []).map((e) => (
        <Failure
          key={e.section}
          title={`The section “${e.section}” could not be filled`}
          error={e.reason}
        />
      ))}
      {seen ? <Seen view={view} /> : <NotSeen view={view} />}
    </div>
  );
}

function Seen({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { identity, many } = view.page;
  if (many) return <SeenOfMany view={view} many={many} />;
  return (
    <>
      <PrevalenceCard view={view} />
      {identity?.own && <OwnUseCards view={view} />}
      {identity && !identity.own && (
        <div className={styles.pair}>
          <ContactsCard view={view} />
          <div className={styles.column}>
            <SeverityCard view={view} />
            <RelatedCard view={view} by="process" />
            <RelatedCard view={view} by="shown" />
            <RelatedCard view={view} by="neighbours" />
          </div>
        </div>
      )}
      {!identity && <KeyInsights view={view} />}
      {(!identity || identity.own) && <SeverityCard view={view} />}
      {view.entity.kind !== "device" && (
        <Later>
          <DevicesCard view={view} />
        </Later>
      )}
    </>
  );
}
