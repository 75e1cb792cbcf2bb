import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { coverageQuery } from "@/api/coverage";
import { Card } from "@/components/Card";
import { inOrder } from "@/components/inOrder";
import { CardSkeleton, Failure } from "@/components/states";
import { CoverageCard } from "./CoverageCard";
import { NewcomersCard } from "./NewcomersCard";
import { RecentCard } from "./RecentCard";
import { WatchedCard } from "./WatchedCard";

const useStyles = makeStyles({
  page: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", ...inOrder },
  title: {
    margin: "4px 0 0",
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
  },
  lead: { color: tokens.colorNeutralForeground2 },
  pair: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) minmax(0, 1fr)",
    gap: "12px",
    alignItems: "start",
    "@media (max-width: 1100px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  column: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", ...inOrder },
  code: {
    display: "block",
    margin: "10px 0",
    padding: "10px 12px",
    fontFamily: tokens.fontFamilyMonospace,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

/** Where an analyst begins: what is new, what is watched, and what there is to look at. */
export function HomePage() {
  const styles = useStyles();
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Who here talked to it, since when, how rare is that?</h1>
      <Text className={styles.lead}>
        Search for an IP address, a device, an account, a hash, a domain or a URL. Defanged text
        such as 1[.]2[.]3[.]4 or hxxps://name[.]example is read as it is meant.
      </Text>
      <Loaded />
    </div>
  );
}

function Loaded() {
  const styles = useStyles();
  const coverage = useQuery(coverageQuery);
  if (coverage.isPending) return <CardSkeleton label="Looking at what is loaded" height={420} />;
  if (coverage.isError)
    return (
      <Failure
        title="What is loaded could not be read"
        error={coverage.error}
        again={coverage.refetch}
      />
    );
  const kinds = coverage.data.items ?? [];
  if (kinds.length === 0) return <NothingLoaded />;
  return (
    <>
      <div className={styles.pair}>
        <NewcomersCard />
        <div className={styles.column}>
          <WatchedCard />
          <RecentCard />
        </div>
      </div>
      <CoverageCard kinds={kinds} />
    </>
  );
}

function NothingLoaded() {
  const styles = useStyles();
  return (
    <Card title="Nothing is loaded yet">
      <Text>
        Take in log files or folders of them; archives are opened and the format is found by
        content:
      </Text>
      <code className={styles.code}>spoor ingest PATH</code>
      <Text>
        Zeek, Windows events and Sysmon, Suricata EVE, and exports of Defender and Sentinel tables
        are read. What was taken in is shown here.
      </Text>
    </Card>
  );
}
