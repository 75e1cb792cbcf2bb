import type { Connection } from "@/api/flows";

/** What a comparison calls a connection: the other end, or both, and the port. */
export function connectionKey(
  { local, remote, port, protocol, direction }: Connection,
  id: string,
): string {
  const ends = id === local ? remote : id === remote ? local : `${local} ${remote}`;
  return `${ends} ${port} ${protocol}, opened from ${direction === "in" ? "outside" : "inside"}`;
}
