import { tokens } from "@fluentui/react-components";

/** The theme's colours as ECharts takes them: values, not CSS variables. */
export interface ChartColors {
  bar: string;
  line: string;
  text: string;
  grid: string;
  surface: string;
  brush: string;
  alert: string;
  /** By the outcome of a connection. */
  outcomes: Record<string, string>;
}

/** Reads the colours that hold where the element stands. */
export function chartColors(element: HTMLElement): ChartColors {
  const style = getComputedStyle(element);
  const color = (token: string) =>
    style.getPropertyValue(token.replace(/^var\((.*)\)$/, "$1")).trim();
  return {
    bar: color(tokens.colorBrandBackground),
    line: color(tokens.colorPaletteGrapeBorderActive),
    text: color(tokens.colorNeutralForeground3),
    grid: color(tokens.colorNeutralStroke2),
    surface: color(tokens.colorNeutralBackground1),
    brush: color(tokens.colorBrandStroke1),
    alert: color(tokens.colorPaletteRedBorderActive),
    outcomes: {
      established: color(tokens.colorBrandBackground),
      permitted: color(tokens.colorPaletteTealBorderActive),
      none: color(tokens.colorNeutralStroke1),
      icmp: color(tokens.colorPaletteLavenderBorderActive),
      unknown: color(tokens.colorNeutralForeground4),
      unanswered: color(tokens.colorPaletteMarigoldBorderActive),
      refused: color(tokens.colorPaletteDarkOrangeBorderActive),
      blocked: color(tokens.colorPaletteRedBorderActive),
    },
  };
}
