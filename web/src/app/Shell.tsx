import { makeStyles, tokens } from "@fluentui/react-components";
import {
  CodeRegular,
  DatabaseRegular,
  HomeRegular,
  TaskListLtrRegular,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { preferencesQuery } from "@/api/preferences";
import type { Session } from "@/api/session";
import { CardSkeleton } from "@/components/states";
import { SearchBox } from "@/features/search/SearchBox";
import { shownZone, showZone, utc } from "@/time/zone";
import { Bell } from "./Bell";
import { Breadcrumbs } from "./Breadcrumbs";
import { ColumnSetsProvider } from "./ColumnSets";
import { EntityActionsProvider } from "./EntityActions";
import { HelpSheet } from "./HelpSheet";
import { Outage } from "./Outage";
import { TimeZoneMenu } from "./TimeZoneMenu";
import { UserMenu } from "./UserMenu";

const useStyles = makeStyles({
  shell: {
    display: "grid",
    gridTemplateColumns: "48px minmax(0, 1fr)",
    gridTemplateRows: "48px minmax(0, 1fr)",
    height: "100vh",
  },
  top: {
    gridColumn: "1 / -1",
    display: "flex",
    alignItems: "center",
    gap: "12px",
    padding: "0 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    zIndex: 2,
  },
  name: {
    fontSize: tokens.fontSizeBase400,
    fontWeight: 700,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    marginRight: "4px",
  },
  right: { marginLeft: "auto", display: "flex", alignItems: "center", gap: "8px" },
  rail: {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    gap: "4px",
    paddingTop: "10px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  place: {
    display: "grid",
    placeItems: "center",
    width: "36px",
    height: "36px",
    fontSize: "20px",
    color: tokens.colorNeutralForeground2,
    borderRadius: tokens.borderRadiusMedium,
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    '&[aria-current="page"]': {
      color: tokens.colorBrandForeground1,
      backgroundColor: tokens.colorNeutralBackground1Selected,
    },
  },
  main: { overflow: "auto", padding: "14px 18px 32px" },
  skip: {
    position: "absolute",
    left: "-1000px",
    ":focus": {
      left: "8px",
      top: "8px",
      zIndex: 3,
      padding: "8px",
      backgroundColor: tokens.colorNeutralBackground1,
    },
  },
});

const loadingHeight = 400;

const places = [
  { to: "/", label: "Home", icon: <HomeRegular /> },
  { to: "/triage", label: "Triage", icon: <TaskListLtrRegular /> },
  { to: "/query", label: "Query", icon: <CodeRegular /> },
  { to: "/sources", label: "Sources", icon: <DatabaseRegular /> },
] as const;

/** The frame before it is known who sits before it. */
export function EmptyFrame() {
  const styles = useStyles();
  return (
    <div className={styles.shell}>
      <header className={styles.top}>
        <span className={styles.name}>Spoor</span>
      </header>
      <div className={styles.rail} />
      <main className={styles.main}>
        <CardSkeleton label="Loading" height={loadingHeight} />
      </main>
    </div>
  );
}

/** The frame around every page. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const styles = useStyles();
  const preferences = useQuery(preferencesQuery);
  // Before anything is drawn that shows a time.
  showZone(preferences.data?.timeZone ?? utc);
  return (
    <EntityActionsProvider>
      <ColumnSetsProvider>
        <div className={styles.shell}>
          <a href="#main" className={styles.skip}>
            Skip to content
          </a>
          <header className={styles.top}>
            <Link to="/" className={styles.name}>
              Spoor
            </Link>
            <SearchBox />
            <div className={styles.right}>
              <TimeZoneMenu />
              <HelpSheet />
              <Bell />
              <UserMenu session={session} />
            </div>
          </header>
          <nav className={styles.rail} aria-label="Pages">
            {places.map(({ to, label, icon }) => (
              <Link
                key={to}
                to={to}
                className={styles.place}
                activeOptions={{ exact: true, includeSearch: false }}
                activeProps={{ "aria-current": "page" }}
                aria-label={label}
                title={label}
              >
                {icon}
              </Link>
            ))}
          </nav>
          <main id="main" className={styles.main} tabIndex={-1}>
            <Outage />
            <Breadcrumbs />
            {preferences.isPending ? (
              <CardSkeleton label="Loading" height={loadingHeight} />
            ) : (
              // Another zone draws every time anew.
              <Fragment key={shownZone()}>{children}</Fragment>
            )}
          </main>
        </div>
      </ColumnSetsProvider>
    </EntityActionsProvider>
  );
}
