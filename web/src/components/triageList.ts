const key = "spoor.triage";

/** Puts a value on the list that waits for triage, and gives the list. */
export function addToTriage(value: string): string {
  const list = triageList()
    .split("\n")
    .filter((line) => line !== "" && line !== value);
  const text = [...list, value].join("\n");
  sessionStorage.setItem(key, text);
  return text;
}

/** The values that wait for triage, one a line; a browser tab has its own. */
export function triageList(): string {
  return sessionStorage.getItem(key) ?? "";
}

/** Takes a text as the list from now on. */
export function keepTriageList(text: string): void {
  sessionStorage.setItem(key, text);
}
