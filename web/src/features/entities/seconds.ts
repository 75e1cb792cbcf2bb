/** Seconds as people say them: "0.35 s", "12 s", "4.5 min", "2.1 h", "3.4 d". */
export function formatSeconds(seconds: number): string {
  const [value, unit] =
    seconds < 120
      ? [seconds, "s"]
      : seconds < 7200
        ? [seconds / 60, "min"]
        : seconds < 172_800
          ? [seconds / 3600, "h"]
          : [seconds / 86_400, "d"];
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value === 0 ? 0 : 2;
  return `${Number(value.toFixed(digits))} ${unit}`;
}
