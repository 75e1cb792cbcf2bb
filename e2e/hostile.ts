/** What an attacker may write into a log, and what must never reach a page, file or terminal. */
export const hostile = {
  server: "198.51.100.78",
  client: "10.20.0.16",
  markup: "<img src=x onerror=window.owned=1><script>window.owned=1</script>",
  formula: "=cmd|'/c calc'!A1",
  /** A red text, a bell, an end of line, and a mark that turns the reading direction around. */
  control: "\u001b[31mred\u0007\r\u0000\u202egpj.exe",
  long: `${"A".repeat(2 ** 20)}END`,
};

/** The lines of a Zeek http.log: a request for each of these, one a second. */
export function hostileLog(): string {
  const { markup, formula, control, long } = hostile;
  const lines = [
    { uri: `/${markup}`, user_agent: markup },
    { uri: formula, user_agent: formula },
    { uri: `/${control}`, user_agent: control },
    { uri: "/long", user_agent: long },
  ].map((texts, i) =>
    JSON.stringify({
      ts: Date.UTC(2023, 11, 1, 9) / 1000 + i,
      uid: `H${i}`,
      "id.orig_h": hostile.client,
      "id.orig_p": 42_000 + i,
      "id.resp_h": hostile.server,
      "id.resp_p": 80,
      trans_depth: 1,
      method: "GET",
      host: markup,
      version: "1.1",
      status_code: 200,
      tags: [],
      ...texts,
    }),
  );
  return `${lines.join("\n")}\n`;
}
