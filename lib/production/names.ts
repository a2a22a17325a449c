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
