/** An address, name or URL that no mail reader or chat turns into a link: 1[.]2[.]3[.]4, hxxp://. */
export function defang(text: string): string {
  return text
    .replace(/^(h)tt(ps?:)/i, "$1xx$2")
    .replaceAll(".", "[.]")
    .replace(/^[0-9a-f:]*:[0-9a-f:]*$/i, (v6) => v6.replaceAll(":", "[:]"));
}
