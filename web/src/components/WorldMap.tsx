import { makeStyles, tokens } from "@fluentui/react-components";
import { geoNaturalEarth1, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import topology from "world-atlas/land-110m.json";

const width = 276;
const height = 138;

const useStyles = makeStyles({
  map: {
    display: "block",
    width: "100%",
    height: "auto",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  land: { fill: tokens.colorNeutralStroke1 },
  halo: { fill: tokens.colorPaletteRedBorderActive, opacity: 0.25 },
  place: { fill: tokens.colorPaletteRedBorderActive, stroke: tokens.colorNeutralBackground1 },
});

const projection = geoNaturalEarth1().fitSize([width, height], { type: "Sphere" });
const land = geoPath(projection)(feature(topology, topology.objects.land)) ?? "";

interface WorldMapProps {
  /** Degrees. */
  latitude: number;
  longitude: number;
  /** What is marked, for those who do not see it. */
  label: string;
}

/** A small map of the world with one place marked; it asks nobody for tiles. */
export default function WorldMap({ latitude, longitude, label }: WorldMapProps) {
  const styles = useStyles();
  const [x, y] = projection([longitude, latitude]) ?? [0, 0];
  return (
    <svg className={styles.map} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path className={styles.land} d={land} />
      <circle className={styles.halo} cx={x} cy={y} r={9} />
      <circle className={styles.place} cx={x} cy={y} r={3.5} />
    </svg>
  );
}
