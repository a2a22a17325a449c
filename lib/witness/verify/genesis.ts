import type { JsonValue } from '../canonical';
import { FORMAT, ownData, type Continued, type OwnEntries } from '../format';
import type { Entry } from '../entry';
import { KEY_TYPES, parseVerifier, type Verifier } from '../keys';

type Genesis = OwnEntries['log.genesis'];

export type ReadGenesis =
  | { data: Genesis; key: Verifier; fault: null }
  | { data: null; key: Verifier | null; fault: 'format' | 'invalid'; detail: string };

const REASONS: readonly string[] = ['rollback', 'damaged', 'removed', 'key'] satisfies Continued['reason'][];

/** What the first entry of a log says of it. */
export function readGenesis(entry: Pick<Entry, 'type' | 'data'>): ReadGenesis {
  const data = ownData(entry, 'log.genesis');
  if (!data) return wrong('the first entry is not the beginning of a log');
  const { format, origin, logId, vkey, software, continues } = objectOf(entry.data);
  const key = typeof vkey === 'string' ? parseVerifier(vkey) : null;
  if (typeof format === 'number' && format > FORMAT)
    return { data: null, key, fault: 'format', detail: `its format is ${format}` };
  if (format !== FORMAT) return wrong('it names no format');
  if (key?.type !== KEY_TYPES.log) return wrong('its key is none');
  if (key.name !== origin) return wrong('its key is of another log');
  if (typeof logId !== 'string' || !/^[0-9a-f]{32}$/.test(logId)) return wrong('its id is none');
  if (typeof software !== 'string') return wrong('it does not say what wrote it');
  if (continues !== undefined && !isContinued(continues)) return wrong('what it goes on from cannot be read');
  return { data, key, fault: null };
}

function isContinued(value: JsonValue): boolean {
  const { origin, logId, size, root, reason } = objectOf(value);
  return (
    typeof origin === 'string' &&
    typeof logId === 'string' &&
    Number.isSafeInteger(size) &&
    typeof root === 'string' &&
    typeof reason === 'string' &&
    REASONS.includes(reason)
  );
}

/** The members of what should be an object. */
export function objectOf(value: JsonValue): { [name: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function wrong(detail: string): ReadGenesis {
  return { data: null, key: null, fault: 'invalid', detail };
}
