/** The usual network around an address, which a named range most often is. */
export function proposedRange(address: string): string {
  if (!address.includes(":")) return `${address.split(".").slice(0, 3).join(".")}.0/24`;
  const [left = "", right] = address.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const head = groups(left);
  const zeros = right === undefined ? 0 : 8 - head.length - groups(right).length;
  const whole = [...head, ...Array<string>(zeros).fill("0"), ...groups(right ?? "")];
  const network = whole.slice(0, 4);
  while (network.at(-1) === "0") network.pop();
  return `${network.join(":")}::/64`;
}

/** The bounds of whole UTC days, both included; the end is the first moment after the last. */
export function validity(first: string, last: string): { validFrom?: string; validTo?: string } {
  const day = 86_400_000;
  return {
    validFrom: first === "" ? undefined : `${first}T00:00:00Z`,
    validTo:
      last === ""
        ? undefined
        : `${new Date(Date.parse(`${last}T00:00:00Z`) + day).toISOString().slice(0, 10)}T00:00:00Z`,
  };
}
