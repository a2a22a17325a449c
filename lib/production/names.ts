const APPLICATIONS: Record<string, string> = { obs: 'OBS', vmix: 'vMix', ingest: 'The ingest' };

/** What people call an application, by its `kind`. */
export function applicationName(kind: string): string {
  return APPLICATIONS[kind] ?? kind;
}

/**
 * Names as a dialog keeps several of them in one text: set apart by commas, in double quotes where a name holds a
 * comma itself.
 */
export function namesIn(text: string): string[] {
  const names = [...text.matchAll(/\s*(?:"([^"]*)"|([^,]*))\s*(?:,|$)/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').trim(),
  );
  return [...new Set(names.filter((name) => name !== ''))];
}

/** More than these help nobody who looks for a name. */
const MOST_LISTED = 40;

/** Names for a sentence, with commas between; of very many the first, and how many more there are. */
export function fewNames(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return more > 0 ? `${names.slice(0, MOST_LISTED).join(', ')} and ${more} more` : names.join(', ');
}

/** The ending of a file name, which is its container. */
export function formatOf(path: string | null): string | null {
  const ending = path === null ? null : /\.([A-Za-z0-9]{1,5})$/.exec(path);
  return ending ? ending[1]!.toLowerCase() : null;
}
