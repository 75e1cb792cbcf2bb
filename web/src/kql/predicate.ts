/** One comparison of a predicate: a name, an operator, and what it is compared with. */
export interface Comparison {
  name: string;
  operator: string;
  values: Value[];
}

/** A text, a point in time, a time before now (in KQL's form, "7d"), or true and false. */
type Value =
  | { kind: "text"; text: string }
  | { kind: "time"; time: string }
  | { kind: "ago"; span: string }
  | { kind: "bool"; bool: boolean };

/** Why a text is not a list of comparisons. */
export class NotComparisons extends Error {}

interface Token {
  kind: "word" | "text" | "sign";
  /** A literal's value, or the token as it is written. */
  text: string;
}

const token =
  /\s+|(@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([A-Za-z_$][\w$]*)|(==|!=|>=|<=|=~|!~|\.\.|[<>(),-]|\d[\w.:+-]*)/y;

/**
 * Reads comparisons joined by "and", which is all that a list's filters can say: the names
 * are for the caller to know. Throws NotComparisons with what stands in the way.
 */
export function comparisonsOf(predicate: string): Comparison[] {
  const reader = new Reader(tokensOf(predicate));
  const list: Comparison[] = [];
  if (reader.done) return list;
  for (;;) {
    list.push(reader.comparison());
    if (reader.done) return list;
    reader.joint();
  }
}

/** The words of a predicate that are names, put in other words; literals stay. */
export function renamed(predicate: string, names: Readonly<Record<string, string>>): string {
  return predicate.replace(
    /@?"(?:[^"\\]|\\.)*"|@?'(?:[^'\\]|\\.)*'|[A-Za-z_$][\w$]*/g,
    (word) => names[word] ?? word,
  );
}

class Reader {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  joint(): void {
    const next = this.take();
    if (next?.kind === "word" && next.text === "or") {
      throw new NotComparisons("“or” joins conditions; a list keeps what fits all of them");
    }
    if (next?.kind !== "word" || next.text !== "and") {
      throw new NotComparisons(`“and” was expected before “${next?.text}”`);
    }
  }

  comparison(): Comparison {
    const name = this.take();
    if (name?.kind !== "word" || name.text === "not") {
      throw new NotComparisons(`a condition begins with a name, not with “${name?.text ?? ""}”`);
    }
    const operator = this.operator(name.text);
    if (operator === "between") return { name: name.text, operator, values: this.bounds() };
    if (operator.startsWith("in")) return { name: name.text, operator, values: this.list() };
    return { name: name.text, operator, values: [this.value()] };
  }

  private operator(after: string): string {
    const next = this.take();
    if (next === undefined || next.kind === "text" || /^[\d(),]/.test(next.text)) {
      throw new NotComparisons(`${after} is not compared with anything`);
    }
    if (next.text !== "in" || this.tokens[this.at]?.text !== "~") return next.text;
    this.at++;
    return "in~";
  }

  private bounds(): Value[] {
    this.sign("(");
    const first = this.value();
    this.sign("..");
    const last = this.value();
    this.sign(")");
    return [first, last];
  }

  private list(): Value[] {
    const values: Value[] = [];
    this.sign("(");
    for (;;) {
      values.push(this.value());
      const next = this.take();
      if (next?.kind === "sign" && next.text === ")") return values;
      if (next?.kind !== "sign" || next.text !== ",") {
        throw new NotComparisons("a list of values is not closed");
      }
    }
  }

  private value(): Value {
    const next = this.take();
    if (next?.kind === "text") return { kind: "text", text: next.text };
    if (next?.kind === "word" && (next.text === "true" || next.text === "false")) {
      return { kind: "bool", bool: next.text === "true" };
    }
    if (next?.kind === "word" && (next.text === "datetime" || next.text === "ago")) {
      this.sign("(");
      let inner = "";
      for (let part = this.take(); ; part = this.take()) {
        if (part === undefined) throw new NotComparisons(`${next.text}( is not closed`);
        if (part.kind === "sign" && part.text === ")") break;
        inner += part.text;
      }
      return next.text === "ago" ? { kind: "ago", span: inner } : { kind: "time", time: inner };
    }
    throw new NotComparisons(
      next === undefined ? "a value is missing at the end" : `“${next.text}” is no text or time`,
    );
  }

  private sign(text: string): void {
    const next = this.take();
    if (next?.kind !== "sign" || next.text !== text) {
      throw new NotComparisons(`“${text}” was expected before “${next?.text ?? "the end"}”`);
    }
  }

  private take(): Token | undefined {
    return this.tokens[this.at++];
  }
}

function tokensOf(predicate: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < predicate.length) {
    const from = token.lastIndex;
    const found = token.exec(predicate);
    if (found === null)
      throw new NotComparisons(`“${predicate.slice(from, from + 10)}” is not understood`);
    const [, text, word, sign] = found;
    if (text !== undefined) tokens.push({ kind: "text", text: meaningOf(text) });
    if (word !== undefined) tokens.push({ kind: "word", text: word });
    if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
  }
  return tokens;
}

const escapes: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

/** What a string literal stands for. */
function meaningOf(literal: string): string {
  if (literal.startsWith("@")) {
    const quote = literal.charAt(1);
    return literal.slice(2, -1).replaceAll(quote + quote, quote);
  }
  return literal
    .slice(1, -1)
    .replace(/\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|(.))/g, (_, four, two, one) =>
      one === undefined
        ? String.fromCharCode(Number.parseInt(four ?? two, 16))
        : (escapes[one] ?? one),
    );
}
