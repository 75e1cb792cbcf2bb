import type { EntityDocument } from "@/api/entities";

/** Saves the document of a page as a JSON file. */
export function downloadDocument(page: EntityDocument): void {
  const blob = new Blob([JSON.stringify(page, null, 2)], { type: "application/json" });
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = `${page.kind}-${page.id.replace(/[^\w.-]+/g, "_").slice(0, 80)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
