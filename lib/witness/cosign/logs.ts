import { fail } from '../../errors';
import { KEY_TYPES, parseVerifier, type Verifier } from '../keys';

/**
 * Keys of logs, by the name of the log; one log may have several.
 * @throws LiveError CONFIG_INVALID for a text that is none, which is not repeated
 */
export function keysOf(logs: readonly string[]): Map<string, Verifier[]> {
  const keys = new Map<string, Verifier[]>();
  logs.forEach((text, index) => {
    const key = parseVerifier(text.trim());
    // the text is not repeated: it may be the secret half, put here by mistake
    if (key?.type !== KEY_TYPES.log)
      throw fail('CONFIG_INVALID', {
        field: `Logs to countersign, line ${index + 1}`,
        reason: 'this is no key of a log, which looks like name+1a2b3c4d+base64',
      });
    keys.set(key.name, [...(keys.get(key.name) ?? []), key]);
  });
  return keys;
}
