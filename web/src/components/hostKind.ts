/** Whether a host is given by its address or by its name; undefined for neither. */
export function hostKind(host: string): "ip" | "domain" | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return "ip";
  if (/^[\da-f.:]*:[\da-f.:]*:[\da-f.:]*$/i.test(host)) return "ip";
  return /^[^\s.*:/]+(\.[^\s.*:/]+)+$/.test(host) ? "domain" : undefined;
}
