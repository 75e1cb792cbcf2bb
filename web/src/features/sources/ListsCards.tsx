import {
  importNoise,
  importTransparency,
  type NoiseList,
  noiseQuery,
  removeNoise,
  removeTransparency,
  type TransparencyFile,
  transparencyQuery,
} from "@/api/lists";
import type { Column } from "@/components/DataTable";
import { Moment } from "@/components/Moment";
import { formatCount } from "@/components/numbers";
import { Untrusted } from "@/components/Untrusted";
import { formatDay } from "@/time/format";
import { ImportedCard } from "./ImportedCard";

/** The day of a list's content, or of the import of one that does not say it. */
function dated(l: NoiseList): string {
  return l.dated === l.imported ? `${formatDay(l.dated)} (import)` : formatDay(l.dated);
}

const noiseColumns: Column<NoiseList>[] = [
  { id: "name", header: "List", cell: (l) => <Untrusted>{l.name}</Untrusted>, minWidth: 200 },
  { id: "class", header: "Class", cell: (l) => l.class },
  { id: "signal", header: "Signal", cell: (l) => (l.weak ? "weak: a broad list" : "") },
  { id: "line", header: "Kind of line", cell: (l) => l.line ?? "" },
  { id: "type", header: "Compared as", cell: (l) => l.type },
  { id: "entries", header: "Entries", numeric: true, cell: (l) => formatCount(l.entries) },
  { id: "dated", header: "Dated", cell: dated, minWidth: 80 },
  {
    id: "imported",
    header: "Imported",
    cell: (l) => <Moment at={l.imported} to="minute" />,
    minWidth: 110,
  },
  { id: "by", header: "By", cell: (l) => <Untrusted>{l.by}</Untrusted>, minWidth: 64 },
  { id: "source", header: "File", cell: (l) => <Untrusted>{l.source}</Untrusted> },
];

/** The lists of scanners, clouds, content networks and the like. */
export function NoiseCard() {
  return (
    <ImportedCard
      title="Known-noise lists"
      note="context on pages and in triage: nothing is hidden by them"
      table="noise"
      query={noiseQuery}
      columns={noiseColumns}
      usual={["name", "class", "signal", "line", "entries", "dated", "imported", "by"]}
      accept=".json,.gz,.txt,.lst,.list"
      folders
      hint="The form of the MISP warninglists, or plain text with an address, a network or an AS number a line; packed with gzip or not. A list is called after its file, and takes the place of one of that name."
      empty="No list is here yet: nothing says that an address is a scanner, a cloud or a resolver. Import the MISP warninglists here or with spoor noise import."
      put={importNoise}
      remove={removeNoise}
      called={(l) => l.name}
    />
  );
}

const transparencyColumns: Column<TransparencyFile>[] = [
  { id: "name", header: "File", cell: (f) => <Untrusted>{f.name}</Untrusted>, minWidth: 160 },
  { id: "entries", header: "Entries", numeric: true, cell: (f) => formatCount(f.entries) },
  {
    id: "certificates",
    header: "Certificates",
    numeric: true,
    cell: (f) => formatCount(f.certificates),
  },
  { id: "names", header: "Names", numeric: true, cell: (f) => formatCount(f.names) },
  { id: "skipped", header: "No host names", numeric: true, cell: (f) => formatCount(f.skipped) },
  { id: "imported", header: "Imported", cell: (f) => <Moment at={f.imported} to="minute" /> },
  { id: "by", header: "By", cell: (f) => <Untrusted>{f.by}</Untrusted> },
];

/** What certificate transparency says of names, as far as it was brought here. */
export function TransparencyCard() {
  return (
    <ImportedCard
      title="Certificate transparency"
      note="names below a domain that certificates have; not seen here for that"
      table="transparency"
      query={transparencyQuery}
      columns={transparencyColumns}
      accept=".json,.gz"
      hint="What crt.sh answers with output=json, packed with gzip or not. A file takes the place of one of the same name."
      empty="No file is here yet. Fetch https://crt.sh/?q=%25.EXAMPLE.COM&output=json where you have the internet, and import it here or with spoor transparency import."
      put={importTransparency}
      remove={removeTransparency}
      called={(f) => f.name}
    />
  );
}
