import { createHash, timingSafeEqual } from 'node:crypto';
import { addressCheck } from '../web/addresses';
import type { IngestSettings } from './types';

/** Whether somebody at this address, with this token, may play. */
export type PlayCheck = (address: string, token: string | undefined) => 'yes' | 'address' | 'token';

/**
 * Who may play: from the allowed addresses (this machine, where none is named), and with the token, where one is set.
 * @throws CONFIG_INVALID for an allowed address that is none
 */
export function playCheck({ allowFrom, token }: IngestSettings['play']): PlayCheck {
  const named = allowFrom.filter((entry) => entry.trim() !== '');
  const mayCome = addressCheck(named.length > 0 ? named : ['localhost']);
  const wanted = token === null ? null : hashOf(token);
  return (address, given) => {
    if (!mayCome(address)) return 'address';
    return wanted === null || timingSafeEqual(hashOf(given ?? ''), wanted) ? 'yes' : 'token';
  };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
