import { makeStyles, Skeleton, SkeletonItem } from "@fluentui/react-components";
import { Untrusted } from "@/components/Untrusted";

const useStyles = makeStyles({
  head: { display: "grid", gap: "12px", marginBottom: "12px" },
  title: { margin: 0, fontSize: "22px", lineHeight: "30px" },
  body: {
    display: "grid",
    gridTemplateColumns: "304px minmax(0, 1fr)",
    gap: "12px",
    "@media (max-width: 1000px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  column: { display: "grid", gap: "12px", alignContent: "start" },
  strip: { height: "32px" },
  small: { height: "64px" },
  middle: { height: "230px" },
  tall: { height: "320px" },
});

/** The page of an entity before its document has come, in the places where it will stand. */
export function PageSkeleton({ kind, id }: { kind: string; id: string }) {
  const styles = useStyles();
  return (
    <Skeleton aria-label={`Looking for ${kind} ${id}`}>
      <div className={styles.head}>
        <h1 className={styles.title}>
          <Untrusted>{id}</Untrusted>
        </h1>
        <SkeletonItem className={styles.strip} />
      </div>
      <div className={styles.body}>
        <div className={styles.column}>
          <SkeletonItem className={styles.middle} />
          <SkeletonItem className={styles.tall} />
        </div>
        <div className={styles.column}>
          <SkeletonItem className={styles.small} />
          <SkeletonItem className={styles.middle} />
          <SkeletonItem className={styles.tall} />
        </div>
      </div>
    </Skeleton>
  );
}
