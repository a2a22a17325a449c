/** A start that seems later by less, s, is the same one: whole seconds, the way of the answer, and clocks that are put right. */
const SLACK_S = 10;
const WITH_START = /^([^]*)@(\d{1,12})$/;

/**
 * Whether the media server was started anew since the list before, and how its run is called from now on. Behind an `@` stands when it
 * began, in seconds since 1970, where a server's own name of its run may come again (a process number in a container).
 */
export function nextRun(before: string | null, found: string | null): { run: string | null; isNew: boolean } {
  if (found === null || before === null) return { run: found ?? before, isNew: false };
  const [, oldName = before, oldStart] = WITH_START.exec(before) ?? [];
  const [, newName = found, newStart] = WITH_START.exec(found) ?? [];
  if (oldName !== newName) return { run: found, isNew: true };
  // one that was written before starts were known
  if (oldStart === undefined || newStart === undefined) return { run: found, isNew: false };
  // a start lies never earlier than it did: then a clock was put right
  const isNew = Number(newStart) - Number(oldStart) > SLACK_S;
  return { run: isNew ? found : before, isNew };
}
