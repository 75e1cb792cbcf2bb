import { Button, makeStyles, Tab as TabButton, TabList, tokens } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { type ComponentType, type LazyExoticComponent, lazy, Suspense } from "react";
import { formatCount } from "@/components/numbers";
import { CardSkeleton } from "@/components/states";
import { previous } from "./compareWith";
import { FilterLine } from "./FilterLine";
import { RangePicker } from "./RangePicker";
import { RolePicker, SitePicker } from "./scopePickers";
import { TabOverview } from "./TabOverview";
import { type EntityView, isTab, openTab, type Tab, tabNames, tabsOf } from "./view";

const useStyles = makeStyles({
  strip: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "4px 8px",
    marginBottom: "12px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  tabs: { minWidth: 0, flexShrink: 1, flexWrap: "wrap" },
  scope: {
    flexBasis: "100%",
    minWidth: 0,
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "6px",
    paddingBottom: "4px",
  },
});

interface TabProps {
  view: EntityView;
}

// A tab is loaded when it is first opened; the one that opens first comes with the page.
const tabs: Record<Tab, ComponentType<TabProps> | LazyExoticComponent<ComponentType<TabProps>>> = {
  overview: TabOverview,
  alerts: lazy(async () => ({ default: (await import("./TabAlerts")).TabAlerts })),
  observed: lazy(async () => ({ default: (await import("./TabObserved")).TabObserved })),
  timeline: lazy(async () => ({ default: (await import("./TabTimeline")).TabTimeline })),
  connections: lazy(async () => ({ default: (await import("./TabConnections")).TabConnections })),
  dns: lazy(async () => ({ default: (await import("./TabDns")).TabDns })),
  intel: lazy(async () => ({ default: (await import("./TabIntel")).TabIntel })),
  insights: lazy(async () => ({ default: (await import("./TabInsights")).TabInsights })),
  notes: lazy(async () => ({ default: (await import("./TabNotes")).TabNotes })),
};

/** The strip of tabs, and what of the entity's story is shown: role, site and period. */
export function EntityTabs({ view }: TabProps) {
  const styles = useStyles();
  const open = openTab(view);
  const counts: Partial<Record<Tab, number>> = {
    alerts: view.page.alerts.total,
    observed: view.page.many?.addresses.total ?? view.page.devices.total,
  };
  return (
    <div className={styles.strip}>
      <TabList
        className={styles.tabs}
        size="small"
        selectedValue={open}
        onTabSelect={(_, { value }) => {
          if (typeof value !== "string" || !isTab(value) || value === open) return;
          view.update({ tab: value === "overview" ? undefined : value });
        }}
        aria-label="Parts of the page"
      >
        {tabsOf(view.entity.kind).map((tab) => (
          <TabButton
            key={tab}
            value={tab}
            id={`tab-${tab}`}
            aria-controls={tab === open ? "tab-panel" : undefined}
          >
            {tabNames[tab]}
            {counts[tab] !== undefined && ` (${formatCount(counts[tab])})`}
          </TabButton>
        ))}
      </TabList>
      <div className={styles.scope}>
        <FilterLine key={open} view={view} />
        {view.search.compare !== undefined && <Comparing view={view} />}
        <RolePicker view={view} />
        <SitePicker view={view} />
        <RangePicker view={view} />
      </div>
    </div>
  );
}

/** Says on every tab that the page is compared, and with what; a click ends it. */
function Comparing({ view: { search, update } }: TabProps) {
  const other = search.compare === previous ? "the period before" : search.compare;
  return (
    <Button
      size="small"
      appearance="secondary"
      icon={<DismissRegular />}
      iconPosition="after"
      title="Stop comparing"
      onClick={() => update({ compare: undefined })}
    >
      Against {other}
    </Button>
  );
}

/** The content of the open tab. */
export function TabPanel({ tab, view }: TabProps & { tab: Tab }) {
  const Content = tabs[tab];
  return (
    <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`}>
      <Suspense fallback={<CardSkeleton />}>
        <Content view={view} />
      </Suspense>
    </div>
  );
}
