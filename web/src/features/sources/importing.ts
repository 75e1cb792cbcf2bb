/** How far an import is. */
export interface Imported {
  done: number;
  of: number;
  /** The file at work. */
  file: string;
}

/** What became of files: how many of them were put in, and why some were refused. */
export interface ImportOutcome {
  put: number;
  of: number;
  refused: { file: string; why: string }[];
}

/**
 * Puts files in, one after the other: one that is refused keeps none of the others out. Once it
 * is stopped, the rest are left out.
 */
export async function importEach(
  files: readonly File[],
  put: (file: File) => Promise<void>,
  tell: (at: Imported) => void,
  stop: AbortSignal,
): Promise<ImportOutcome> {
  const outcome: ImportOutcome = { put: 0, of: files.length, refused: [] };
  for (const [done, file] of files.entries()) {
    if (stop.aborted) break;
    const name = file.webkitRelativePath || file.name;
    tell({ done, of: files.length, file: name });
    try {
      await put(file);
      outcome.put++;
    } catch (error) {
      outcome.refused.push({
        file: name,
        why: error instanceof Error ? error.message : `${error}`,
      });
    }
  }
  return outcome;
}

/** Of a folder that was chosen, what spoor noise import reads of it; any file chosen by itself. */
export function isListFile(file: File): boolean {
  return file.webkitRelativePath === "" || /\.json(\.gz)?$/.test(file.name);
}
