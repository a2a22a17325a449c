import { fail } from '../lib/errors';
import { addressCheck } from '../lib/web/addresses';
import type { ListenerOptions } from '../lib/web/listener';
import type { ListenAddress } from '../lib/web/types';
import { leaseListener } from './listeners';
import { asTyped } from './typed-inputs';

/**
 * The listener of a page, with TLS where that is wished.
 * @throws CONFIG_INVALID where certificate and key do not fit
 */
export function secureListener(listen: ListenAddress, tls: ListenerOptions['tls'] | null) {
  try {
    return leaseListener(listen, tls ? { tls } : {});
  } catch (error) {
    throw fail(
      'CONFIG_INVALID',
      { field: 'TLS of the page', reason: 'certificate and key do not fit' },
      error,
    );
  }
}

/** A node's id as a file's name: ids of hand-made flows need not be plain. */
export function fileName(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 100);
}

/**
 * The address that people have of a page from outside, as an origin; null where none is typed.
 * @throws CONFIG_INVALID
 */
export function originOf(typed: unknown, address: string): string | null {
  if (address === '') return null;
  try {
    const url = new URL(address);
    if (/^https?:$/.test(url.protocol) && !url.username && !url.password) return url.origin;
  } catch {
    // told below
  }
  throw fail('CONFIG_INVALID', {
    field: 'address of the page',
    reason: `"${asTyped(typed, address)}" is no address such as https://queue.example.org`,
  });
}

/**
 * Addresses of proxies as they are typed, with commas or spaces between them.
 * @throws CONFIG_INVALID
 */
export function proxiesOf(text: string): string[] {
  const proxies = text.split(/[\s,]+/).filter(Boolean);
  // says which one is none
  addressCheck(proxies);
  return proxies;
}
