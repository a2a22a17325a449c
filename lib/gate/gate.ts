import { isStreamName } from '../keys/names';
import type { Hook, HookDecision } from '../media-servers/types';
import type { GuestQueue } from '../queue/guests';
import { tellableApp, tellableName } from './admission';
import { Denials } from './denials';
import { Presence } from './presence';
import type { Admission, Admitted, GateEvent, Moved, Rules, Ruling, StrangerReason } from './types';

/** What outlives a deploy: who is there, who has to go, and what was told already. */
export interface GateMemory {
  presence: Presence;
  denials: Denials;
  /** the same of who is no media server of ours: they take nothing from what is told of guests */
  strangers: Denials;
  /** connections that are to be dropped when they are asked about next */
  dropped: Set<string>;
}

/** Nobody is there, and nothing was told. */
export function gateMemory(): GateMemory {
  return {
    presence: new Presence(),
    denials: new Denials(),
    strangers: new Denials(),
    dropped: new Set(),
  };
}

export interface GateOptions {
  /** the apps that guests publish to; none: all */
  apps: readonly string[];
  otherApps: 'allow' | 'deny';
  /** a second publisher on a name takes it over (MediaMTX), where the others refuse him themselves */
  takesOver: boolean;
  admit: Admission;
  /** why somebody who publishes may no longer; null: he may */
  withdrawn: (hook: Hook) => string | null;
  queue: GuestQueue | null;
  /** whether a player is let in; null: everybody */
  mayPlay: ((hook: Hook) => boolean) | null;
  /** where to send somebody on who was let in */
  forward: (stream: string) => readonly string[];
  /** not called while a server waits for its answer */
  tell: (event: GateEvent) => void;
  /** lines that concern the operator: somebody at the hook address who does not belong there */
  warn: (text: string) => void;
  /** lines for the record: who was denied */
  log: (text: string) => void;
  memory: GateMemory;
  now: () => number;
}

/** Marks of connections to drop; more than a queue ever kicks between two of a server's updates. */
const MOST_DROPPED = 1_000;
const ALLOW: HookDecision = { allow: true };
/** One text for every denial: who asks from outside learns nothing from it. */
const DENY: HookDecision = { allow: false, reason: 'denied' };
const ALLOWED: Ruling = { decision: ALLOW };

const STRANGERS: Record<StrangerReason, string> = {
  address: 'a request came from an address that is not allowed',
  secret: 'a request came without the right secret in its path',
  malformed: 'a request was no hook of this media server',
};

/** Decides about the hooks of one media server. Everything it asks answers at once, apart from an admission that asks a flow. */
export class Gate implements Rules {
  constructor(private readonly options: GateOptions) {}

  get playsFreely(): boolean {
    return this.options.mayPlay === null;
  }

  rule(hook: Hook, leftMs: number, isGone: () => boolean): Ruling | Promise<Ruling | Moved> {
    switch (hook.action) {
      case 'publish':
        return this.publish(hook, leftMs, isGone);
      case 'unpublish':
        return { decision: ALLOW, after: () => this.left(hook) };
      case 'update':
        return this.update(hook);
      case 'forward':
        return { decision: { allow: true, forwardTo: this.forwardOf(hook) } };
      case 'play':
        return this.play(hook);
      default:
        return ALLOWED;
    }
  }

  stranger(why: StrangerReason, address: string, reason: string): void {
    const { memory, now, tell, warn } = this.options;
    const tries = memory.strangers.count(`${why} ${address}`, now());
    if (tries === null) return;
    const more = reason === '' ? '' : `: ${reason}`;
    warn(`${STRANGERS[why]} (${address}${timesText(tries)})${more}`);
    tell({ event: 'publisher_denied', stream: '', name: '', more: { reason: why, address, tries } });
  }

  /** The queue wants somebody gone: his connection is dropped when the server asks about it next, should nothing else have ended it. */
  drop(stream: string): void {
    const { presence, dropped } = this.options.memory;
    for (const { app, clientId } of presence.of(stream)) dropped.add(`${app}\n${stream}\n${clientId}`);
    while (dropped.size > MOST_DROPPED) dropped.delete(dropped.values().next().value!);
  }

  private publish(hook: Hook, leftMs: number, isGone: () => boolean): Ruling | Promise<Ruling | Moved> {
    const { admit, otherApps } = this.options;
    if (!this.isOurs(hook)) return otherApps === 'allow' ? ALLOWED : this.deny(hook, 'app');
    if (!isStreamName(hook.stream)) return this.deny(hook, 'name');
    const admitted = admit(hook, leftMs);
    if (!(admitted instanceof Promise)) return this.enter(hook, admitted);
    return admitted.then((answer) => {
      if (answer === 'moved') return answer;
      // nobody is there any more who could come in
      return isGone() ? { decision: DENY } : this.enter(hook, answer);
    });
  }

  private enter(hook: Hook, admitted: Admitted): Ruling {
    if (!admitted.ok) return this.deny(hook, admitted.why, null, admitted.isGuess ?? false);
    const { queue, memory, now, takesOver } = this.options;
    const { app, stream, clientId } = hook;
    const { name, limitMs, priority } = admitted;
    if (queue) {
      const verdict = queue.join({ app, stream, clientId, name, limitMs, priority });
      if (!verdict.allow) return this.deny(hook, verdict.why, name, false);
    }
    // what the queue lets in is the publisher from now on
    const isNew = memory.presence.join(hook, queue !== null || takesOver, now());
    const decision: HookDecision = { allow: true, forwardTo: this.forwardOf(hook) };
    if (queue || !isNew) return { decision, name };
    return { decision, name, after: () => this.tell('publisher_waiting', hook, name) };
  }

  private left(hook: Hook): void {
    const { memory, queue, now } = this.options;
    if (!this.isOurs(hook)) return;
    const { app, stream, clientId } = hook;
    memory.dropped.delete(markOf(hook));
    const isGone = memory.presence.leave(app, stream, clientId, now());
    if (queue) queue.leave({ app, stream, clientId });
    else if (isGone) this.tell('publisher_left', hook, stream);
  }

  /** The server asks whether somebody may go on publishing. Whoever is not known stays: nothing is cut for a thing that nobody knows. */
  private update(hook: Hook): Ruling {
    const { memory, queue, withdrawn } = this.options;
    if (!this.isOurs(hook)) return ALLOWED;
    const { stream } = hook;
    if (memory.dropped.has(markOf(hook)) || queue?.view().bans.some((ban) => ban.stream === stream))
      return { decision: DENY };
    const why = withdrawn(hook);
    return why === null ? ALLOWED : this.deny(hook, why, null, false);
  }

  private play(hook: Hook): Ruling {
    const { mayPlay, otherApps } = this.options;
    if (!mayPlay || (!this.isOurs(hook) && otherApps === 'allow') || mayPlay(hook)) return ALLOWED;
    return { decision: DENY };
  }

  private forwardOf(hook: Hook): readonly string[] {
    const { memory, forward } = this.options;
    const { app, stream, clientId } = hook;
    return memory.presence.has(app, stream, clientId) ? forward(stream) : [];
  }

  private isOurs({ app }: Hook): boolean {
    const { apps } = this.options;
    return apps.length === 0 || apps.includes(app);
  }

  private deny(hook: Hook, why: string, name: string | null = null, isGuess = true): Ruling {
    const { memory, now } = this.options;
    const { app, stream, address } = hook;
    // counted with the name as it came, which is told nowhere
    const tries = memory.denials.count(`${address} ${app} ${stream} ${why}`, now());
    if (tries === null) return { decision: DENY, isGuess };
    return { decision: DENY, isGuess, after: () => this.tellDenied(hook, why, name, tries) };
  }

  private tellDenied({ stream, address, app }: Hook, why: string, name: string | null, tries: number): void {
    const { queue, tell, log } = this.options;
    const told = why === 'name' ? '' : tellableName(stream, name !== null);
    log(`denied ${told || 'somebody'} (${why}${address ? `, from ${address}` : ''}${timesText(tries)})`);
    if (queue && told) queue.denied(told, why);
    else
      tell({
        event: 'publisher_denied',
        stream: told,
        name: name ?? told,
        more: { reason: why, app: tellableApp(app), address, tries },
      });
  }

  private tell(
    event: 'publisher_waiting' | 'publisher_left',
    { app, stream, address }: Hook,
    name: string,
  ): void {
    this.options.tell({ event, stream, name, more: { app, address } });
  }
}

const markOf = ({ app, stream, clientId }: Hook): string => `${app}\n${stream}\n${clientId}`;
const timesText = (tries: number): string => (tries > 1 ? `, ${tries} times` : '');
