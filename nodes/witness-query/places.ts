import { fail } from '../../lib/errors';
import { contentOf, type LogFolder } from '../../lib/witness/folder';
import { CHECKPOINT_FILE } from '../../lib/witness/format';

/** A checkpoint with a hundred signatures is smaller. */
const MOST_NOTE_BYTES = 65_536;

/** The same folder, in which nothing more is read once `signal` aborts: a node that closes must not go on for minutes. */
export function stoppable(folder: LogFolder, signal: AbortSignal): LogFolder {
  const check = () => {
    if (signal.aborted) throw fail('WITNESS_READING_STOPPED');
  };
  return {
    path: folder.path,
    list: () => {
      check();
      return folder.list();
    },
    open: async (name) => {
      check();
      const file = await folder.open(name);
      return (
        file && {
          size: () => file.size(),
          read: (into, position) => {
            check();
            return file.read(into, position);
          },
          close: () => file.close(),
        }
      );
    },
  };
}

/** The newest checkpoint in a folder, as it stands there; null where there is none. */
export async function newestNote(folder: LogFolder): Promise<string | null> {
  return (await contentOf(folder, CHECKPOINT_FILE, MOST_NOTE_BYTES))?.toString('utf8') ?? null;
}
