// A disk in memory that fails as disks do: in one call, quietly, or because the power goes.
import { basename } from 'node:path';
import type { FileState, Files, OpenFile, OpenFor } from '../../lib/durable/files';

/**
 * What goes wrong in one call. `fails`: an error and nothing done; a failed sync drops what it should have saved, while reads go on
 * showing it, as Linux does. `persists`: an error, and yet it was done. `short`: a write takes half. `full`: a write has no room.
 * `dies`: the call is never made, nor any later one, until `restart`. `dies after`: the same, after the call went well.
 */
export type Fault = 'fails' | 'persists' | 'short' | 'full' | 'dies' | 'dies after';

/** What of the bytes and names that no sync has covered a power cut leaves. */
export type Survives = 'nothing' | 'something' | 'everything';

type Change = { at: number; bytes: Buffer } | { size: number };

interface Content {
  /** as a read shows it */
  seen: Buffer;
  /** as it is on the platter */
  safe: Buffer;
  /** changes on the way from the one to the other */
  pending: Change[];
}

interface NameChange {
  path: string;
  content: Content | null;
}

function changed(from: Buffer, change: Change): Buffer {
  const size = 'size' in change ? change.size : Math.max(from.length, change.at + change.bytes.length);
  const to = Buffer.alloc(size);
  from.copy(to, 0, 0, Math.min(size, from.length));
  if ('bytes' in change) change.bytes.copy(to, change.at);
  return to;
}

const errno = (code: string, what: string): Error => Object.assign(new Error(`${code}: ${what}`), { code });

/** The file system calls of `lib/durable` on a disk in memory. Every folder is there. */
export class FaultyDisk implements Files {
  /** calls so far, as `write log.jsonl`: the places where something can go wrong */
  readonly calls: string[] = [];
  /** what goes wrong in which call; null: nothing */
  plan: (call: number, what: string) => Fault | null | undefined = () => null;
  /** nothing answers until `restart` */
  dead = false;

  private names = new Map<string, Content>();
  private safeNames = new Map<string, Content>();
  private pendingNames: NameChange[] = [];
  private starts = 0;

  /** @param random 0 to 1, as Math.random: decides what a power cut leaves */
  constructor(private readonly random: () => number = Math.random) {}

  /** The bytes of a file as a read would show them, or null. */
  look(path: string): Buffer | null {
    return this.names.get(path)?.seen ?? null;
  }

  /** All names there are. */
  list(): string[] {
    return [...this.names.keys()].sort();
  }

  /** A file with this content, safe on the disk. */
  put(path: string, bytes: Uint8Array): void {
    const content: Content = { seen: Buffer.from(bytes), safe: Buffer.from(bytes), pending: [] };
    this.names.set(path, content);
    this.safeNames.set(path, content);
  }

  /** Start anew after the process was killed, or after a power cut of which `survives` is left. Open files are gone. */
  restart(survives?: Survives): void {
    this.starts += 1;
    this.dead = false;
    this.plan = () => null;
    if (!survives) return;
    const stays = (): boolean =>
      survives === 'everything' || (survives === 'something' && this.random() < 0.5);
    // names reach a disk in the order they were made
    for (const one of this.pendingNames) {
      if (!stays()) break;
      this.name(this.safeNames, one);
    }
    this.pendingNames = [];
    for (const content of new Set([...this.names.values(), ...this.safeNames.values()])) {
      for (const change of content.pending) {
        if (!stays()) continue;
        const torn = 'bytes' in change && survives === 'something' && this.random() < 0.5;
        const kept = torn ? Math.floor(this.random() * change.bytes.length) : 0;
        content.safe = changed(
          content.safe,
          torn ? { at: change.at, bytes: change.bytes.subarray(0, kept) } : change,
        );
      }
      content.pending = [];
      content.seen = content.safe;
    }
    this.names = new Map(this.safeNames);
  }

  open(path: string, use: OpenFor): Promise<OpenFile> {
    return this.call(`open ${basename(path)}`, () => {
      let content = this.names.get(path);
      if (use === 'create') {
        if (content) throw errno('EEXIST', path);
        content = { seen: Buffer.alloc(0), safe: Buffer.alloc(0), pending: [] };
        this.rename_({ path, content });
      } else if (!content) throw errno('ENOENT', path);
      return this.file(path, content, use);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.call(`rename ${basename(to)}`, () => {
      const content = this.names.get(from);
      if (!content) throw errno('ENOENT', from);
      this.rename_({ path: to, content });
      this.rename_({ path: from, content: null });
    });
  }

  link(from: string, to: string): Promise<void> {
    return this.call(`link ${basename(to)}`, () => {
      const content = this.names.get(from);
      if (!content) throw errno('ENOENT', from);
      if (this.names.has(to)) throw errno('EEXIST', to);
      this.rename_({ path: to, content });
    });
  }

  unlink(path: string): Promise<void> {
    return this.call(`unlink ${basename(path)}`, () => {
      if (!this.names.has(path)) throw errno('ENOENT', path);
      this.rename_({ path, content: null });
    });
  }

  mkdir(path: string): Promise<void> {
    return this.call(`mkdir ${basename(path)}`, () => {
      throw errno('EEXIST', path);
    });
  }

  readdir(path: string): Promise<string[]> {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return this.call(`readdir ${basename(path)}`, () => [
      ...new Set(
        this.list()
          .filter((one) => one.startsWith(prefix))
          .map((one) => one.slice(prefix.length).split('/')[0]!),
      ),
    ]);
  }

  stat(path: string): Promise<FileState> {
    return this.call(`stat ${basename(path)}`, () => {
      const content = this.names.get(path);
      if (!content) throw errno('ENOENT', path);
      return { size: content.seen.length, links: this.links(content) };
    });
  }

  syncFolder(path: string): Promise<void> {
    return this.call(
      `syncFolder ${basename(path)}`,
      () => {
        for (const one of this.pendingNames) this.name(this.safeNames, one);
        this.pendingNames = [];
      },
      () => undefined,
    );
  }

  private file(path: string, content: Content, use: OpenFor): OpenFile {
    const name = basename(path);
    const start = this.starts;
    const call = <T>(what: string, act: () => T, failing?: () => void): Promise<T> => {
      if (start !== this.starts) return Promise.reject(errno('EBADF', path));
      return this.call(`${what} ${name}`, act, failing);
    };
    const change = (one: Change): void => {
      if (use === 'read') throw errno('EBADF', path);
      content.seen = changed(content.seen, one);
      content.pending.push(one);
    };
    const sync = (): Promise<void> =>
      call(
        'sync',
        () => {
          for (const one of content.pending) content.safe = changed(content.safe, one);
          content.pending = [];
        },
        // the system takes the pages for clean and says nothing at the next sync
        () => void (content.pending = []),
      );
    return {
      read: (into, position) =>
        call('read', () => content.seen.copy(into, 0, position, position + into.length)),
      write: (bytes, position) => {
        const some = bytes.subarray(
          0,
          this.next(`write ${name}`) === 'short' ? bytes.length >> 1 : undefined,
        );
        return call('write', () => {
          const at = use === 'append' || position === null ? content.seen.length : position;
          change({ at, bytes: Buffer.from(some) });
          return some.length;
        });
      },
      datasync: sync,
      sync,
      truncate: (size) => call('truncate', () => change({ size })),
      stat: () => call('fstat', () => ({ size: content.seen.length, links: this.links(content) })),
      close: () => call('close', () => undefined),
    };
  }

  private next(what: string): Fault | null | undefined {
    return this.dead ? null : this.plan(this.calls.length, what);
  }

  /** One call, with what is planned for it. `failing` is what a failure does all the same. */
  private async call<T>(what: string, act: () => T, failing?: () => void): Promise<T> {
    if (this.dead) throw errno('EIO', 'nothing answers');
    const fault = this.next(what);
    this.calls.push(what);
    if (fault === 'dies') {
      this.dead = true;
      throw errno('EIO', 'nothing answers');
    }
    if (fault === 'full' && what.startsWith('write')) throw errno('ENOSPC', what);
    if (fault === 'fails') {
      failing?.();
      throw errno('EIO', what);
    }
    const given = act();
    if (fault === 'persists') throw errno('EIO', what);
    if (fault === 'dies after') this.dead = true;
    await Promise.resolve();
    return given;
  }

  private links(content: Content): number {
    return [...this.names.values()].filter((one) => one === content).length;
  }

  private rename_(change: NameChange): void {
    this.name(this.names, change);
    this.pendingNames.push(change);
  }

  private name(names: Map<string, Content>, { path, content }: NameChange): void {
    if (content) names.set(path, content);
    else names.delete(path);
  }
}
