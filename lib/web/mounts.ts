import type { AddressCheck } from './addresses';
import type { WebHandler } from './types';

/** What may be said of a mount. */
export interface MountOptions {
  /**
   * A request that comes below this path after it was released, while the listener lives, waits for so long for whoever mounts there next:
   * a deploy. 0 or nothing: it is answered as one to an unknown path.
   */
  gapMs?: number;
  /** answers what nobody came for in time; without it: as an unknown path */
  late?: WebHandler;
  /** whom this path is for; others are cut first where too many connections are open. Without it: everybody */
  mayCome?: AddressCheck;
}

/** Where a request goes; `wait` where somebody stood there until a moment ago. */
export type Found =
  | { handler: WebHandler; rest: string }
  | { wait: { path: string; gapMs: number }; late: { handler: WebHandler; rest: string } | null }
  | null;

/** More do not wait for a deploy; they are answered as when nobody came. */
const MOST_WAITING = 500;
/** So many paths that were left are remembered; those of a deploy are few. */
const MOST_GONE = 100;

/** Who takes what: by the longest path, compared as it was sent, so that no other spelling of a path is the same path. */
export class Mounts {
  private readonly mounted = new Map<string, WebHandler>();
  private readonly checks = new Map<string, AddressCheck | undefined>();
  private readonly gone = new Map<string, { gapMs: number; late: WebHandler | undefined }>();
  private readonly waiting = new Set<{ path: string; end: () => void }>();

  has(path: string): boolean {
    return this.mounted.has(path);
  }

  /** `path`: with a slash in front and none behind; `/` takes what nobody else does. @throws when it is taken */
  add(path: string, handler: WebHandler, options: MountOptions = {}): (forGood?: boolean) => void {
    if (this.mounted.has(path)) throw new Error('this path has a handler already');
    this.mounted.set(path, handler);
    this.checks.set(path, options.mayCome);
    this.gone.delete(path);
    for (const one of [...this.waiting]) if (one.path === path) one.end();
    return (forGood = false) => {
      if (this.mounted.get(path) !== handler) return;
      this.mounted.delete(path);
      this.checks.delete(path);
      if (!options.gapMs || forGood) return;
      this.gone.set(path, { gapMs: options.gapMs, late: options.late });
      if (this.gone.size > MOST_GONE) this.gone.delete(this.gone.keys().next().value!);
    };
  }

  /** Who takes the path of a request, without its query. */
  find(path: string): Found {
    const prefix = longest(path, this.mounted.keys(), longest(path, this.gone.keys(), null));
    if (prefix === null) return null;
    const rest = prefix === '/' ? path : path.slice(prefix.length);
    const handler = this.mounted.get(prefix);
    if (handler) return { handler, rest };
    const { gapMs, late } = this.gone.get(prefix)!;
    return { wait: { path: prefix, gapMs }, late: late ? { handler: late, rest } : null };
  }

  /** Whether one of the paths is for whoever comes from there. */
  expects(address: string): boolean {
    for (const mayCome of this.checks.values()) if (!mayCome || mayCome(address)) return true;
    return false;
  }

  /** Resolves when somebody mounts there, or after `gapMs`; at once where too many wait already. */
  whenMounted({ path, gapMs }: { path: string; gapMs: number }): Promise<void> {
    if (this.waiting.size >= MOST_WAITING) return Promise.resolve();
    return new Promise((resolve) => {
      const one = {
        path,
        end: () => {
          clearTimeout(timer);
          this.waiting.delete(one);
          resolve();
        },
      };
      const timer = setTimeout(one.end, gapMs);
      timer.unref();
      this.waiting.add(one);
    });
  }

  /** Nobody waits any more, and nobody stands anywhere. */
  clear(): void {
    this.mounted.clear();
    this.checks.clear();
    this.gone.clear();
    for (const one of [...this.waiting]) one.end();
  }
}

/** The longest of these paths that a path is or lies below, and longer than `best`. Few paths, so that a path of a thousand slashes costs nothing. */
function longest(path: string, prefixes: Iterable<string>, best: string | null): string | null {
  for (const prefix of prefixes) {
    if (best !== null && prefix.length <= best.length) continue;
    const below = path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
    if (below || (prefix === '/' && path.startsWith('/'))) best = prefix;
  }
  return best;
}
