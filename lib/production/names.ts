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
