import { type ReactNode, useEffect, useState } from "react";
import { idle } from "./afterOthers";

/** A part below the fold: it is drawn when what stands in sight is, and the browser is idle. */
export function Later({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(false);
  useEffect(() => {
    let here = true;
    void idle().then(() => here && setNow(true));
    return () => {
      here = false;
    };
  }, []);
  return now && children;
}
