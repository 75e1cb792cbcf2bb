/** Whether a host is given by its address, its name or a URL; undefined for neither. */
export function hostKind(host: string): "ip" | "domain" | "url" | undefined {
  if (/^https?:\/\/[^\s/]/i.test(host)) return "url";
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return "ip";
  if (/^[\da-f.:]*:[\da-f.:]*:[\da-f.:]*$/i.test(host)) return "ip";
  return /^[^\s.*:/]+(\.[^\s.*:/]+)+$/.test(host) ? "domain" : undefined;
}
