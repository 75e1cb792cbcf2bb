import { makeStyles } from "@fluentui/react-components";
import { Failure } from "@/components/states";
import { periodOfDays } from "@/time/range";
import { AlertsCard } from "./AlertsCard";
import { AnswerLine } from "./AnswerLine";
import { DevicesCard } from "./DevicesCard";
import { NotSeen } from "./NotSeen";
import { PrevalenceCard } from "./PrevalenceCard";
import { type EntityView, showPeriod } from "./view";

const useStyles = makeStyles({
  column: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px" },
});

/** The answer, and what an analyst asks next. */
export function TabOverview({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { page } = view;
  const seen = (page.sources ?? []).length > 0;
  return (
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
          <PrevalenceCard
            prevalence={page.prevalence}
            onDays={(first, last) => view.update(showPeriod(periodOfDays(first, last)))}
          />
          <AlertsCard alerts={page.alerts} />
          <DevicesCard view={view} />
        </>
      ) : (
        <NotSeen view={view} />
      )}
    </div>
  );
}
