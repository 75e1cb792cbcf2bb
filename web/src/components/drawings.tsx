import { lazy } from "react";
import { Empty } from "./states";

/*
 * The code of pictures is large and comes when one is first drawn. One that does not come, for
 * the server is away or is a newer one, must not take the page with it: it says so in its place
 * until the page is loaded anew, see watchReach.
 */

export const Chart = lazy(() => import("./Chart").catch(() => ({ default: Missing })));

export const WorldMap = lazy(() => import("./WorldMap").catch(() => ({ default: Missing })));

function Missing({ label }: { label: string }) {
  return <Empty>The picture could not be loaded. {label}</Empty>;
}
