import { fail, type LiveError } from '../lib/errors';
import type { StreamTarget } from '../lib/production/targets';

/** A stream target that a flow can name; `fault` when its fields make no sense. */
export interface KnownTarget {
  target: StreamTarget;
  fault: LiveError | null;
}

const targets = new Map<string, KnownTarget>();

/** A stream-target config node is there, until the returned function is called. */
export function announceTarget(id: string, known: KnownTarget): () => void {
  targets.set(id, known);
  return () => {
    if (targets.get(id) === known) targets.delete(id);
  };
}

/** The target of a config node. Throws STREAM_TARGET_UNKNOWN, or what is wrong with it. */
export function targetById(id: string): StreamTarget {
  return usable(
    targets.get(id),
    id ? 'the one chosen in the dialog, which is disabled or was deleted' : '(none chosen)',
  );
}

/** The target a message names; upper and lower case are one. Throws STREAM_TARGET_UNKNOWN with the names there are. */
export function targetByName(name: string): StreamTarget {
  const wanted = name.trim().toLowerCase();
  const found = [...targets.values()].filter(({ target }) => target.name.trim().toLowerCase() === wanted);
  if (found.length > 1)
    throw fail('STREAM_TARGET_INVALID', {
      target: name,
      reason: `${found.length} stream targets have this name`,
    });
  return usable(found[0], name);
}

function usable(found: KnownTarget | undefined, name: string): StreamTarget {
  if (!found)
    throw fail('STREAM_TARGET_UNKNOWN', {
      target: name,
      known: [...targets.values()].map(({ target }) => target.name).join(', ') || 'none',
    });
  if (found.fault) throw found.fault;
  return found.target;
}
