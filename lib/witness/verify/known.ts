import { fail } from '../../errors';
import { parseCheckpoint, type Checkpoint } from '../checkpoint';
import { KEY_TYPES, parseVerifier, type KeyType, type Verifier } from '../keys';
import { parseNote } from '../note';
import type { Findings } from './problems';
import type { VerifyOptions } from './report';

/** A checkpoint from outside. */
export interface Trusted {
  note: string;
  checkpoint: Checkpoint;
}

/** What the asker brought, read. */
export interface Known {
  origin: string | null;
  keys: Verifier[];
  cosigners: Verifier[];
  quorum: number;
  trusted: Trusted[];
}

/**
 * Read what the asker knows. A trusted checkpoint that is none is a finding.
 * @throws LiveError WITNESS_KEY_INVALID
 */
export function knownOf(options: VerifyOptions, findings: Findings): Known {
  const { origin = null, vkeys = [], cosigners: given = [], trusted: notes = [] } = options;
  const cosigners = given.map((text) => keyOf(text, KEY_TYPES.cosigner));
  const trusted: Trusted[] = [];
  for (const text of notes) {
    const note = asSent(text);
    const parsed = parseNote(note);
    const checkpoint = parsed && parseCheckpoint(parsed.text);
    if (checkpoint) trusted.push({ note, checkpoint });
    else
      findings.add(
        'TRUSTED_UNREADABLE',
        'a trusted checkpoint is not one as a log signs it, so nothing was compared with it: copy the whole text, with its last line',
      );
  }
  return {
    origin,
    keys: vkeys.map((text) => keyOf(text, KEY_TYPES.log)),
    cosigners,
    quorum: options.quorum ?? cosigners.length,
    trusted,
  };
}

/** Mail programs change the ends of lines, and people copy spaces with a text. */
function asSent(text: string): string {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
  return `${lines.join('\n')}\n`;
}

function keyOf(text: string, type: KeyType): Verifier {
  const key = parseVerifier(text.trim());
  if (key?.type !== type) throw fail('WITNESS_KEY_INVALID', { key: text.trim().slice(0, 200) });
  return key;
}
