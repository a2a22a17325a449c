// One scenario, every media server: the real nginx-rtmp and the simulated four, asked and listed by the package's own adapters.
import assert from 'node:assert/strict';
import { createMediaServer } from '../../lib/media-servers/client';
import { speechOf } from '../../lib/media-servers/speech';
import type {
  Hook,
  HookDecision,
  HookSpeech,
  MediaServerClient,
  MediaServerKind,
  Publisher,
} from '../../lib/media-servers/types';
import { type MediaServerSimulator, startMediaServerSimulator } from '../../simulators/media-servers';
import {
  type HookAddress,
  publisher,
  requirePrograms,
  startGuestServer,
  startHookAddress,
  startThrottledProxy,
  waitFor,
} from '../support';
import { endings, rtmpModule } from './support';

/** Somebody who publishes, or tries to. */
export interface Guest {
  /** null until it is known */
  refused(): boolean | null;
  /** resolves once the server has let him in, or has not */
  settled(): Promise<'in' | 'refused'>;
  /** ends in good order */
  leave(): Promise<void>;
  /** his program is gone at once */
  die(): Promise<void>;
  /** resolves when he does not publish any more */
  ended(): Promise<void>;
}

export interface GuestWorld {
  readonly kind: MediaServerKind;
  readonly real: boolean;
  readonly client: MediaServerClient;
  readonly speech: HookSpeech;
  /** what the hooks said, as the adapter read them, and faults as null */
  readonly hooks: (Hook | null)[];
  readonly address: HookAddress;
  /** decides instead of the key, which is `right` */
  decide: (hook: Hook) => HookDecision;
  /** the simulator; null in the real world */
  readonly simulator: MediaServerSimulator | null;
  come(stream: string, args?: string): Promise<Guest>;
  /** comes and is in; as the server lists him */
  enter(stream: string, args?: string): Promise<Guest & { listed: Publisher }>;
  list(): Promise<Publisher[]>;
  /** all hooks of this action about this stream */
  heard(action: Hook['action'], stream?: string): Hook[];
  /** killed, and there again on its ports */
  restart(): Promise<void>;
  apiOn(on: boolean): Promise<void>;
}

export const KINDS = ['srs', 'oryx', 'nginx-rtmp', 'mediamtx'] as const;
type Kind = (typeof KINDS)[number];

export interface GuestScenario {
  /** the servers it has a meaning with; default all */
  kinds?: readonly Kind[];
  /** options of the simulator; only it can have them */
  options?: Record<string, unknown>;
  /** nginx-rtmp: on_update with this notify_update_timeout */
  updateMs?: number;
  timeoutMs?: number;
}

const byKey = ({ action, params }: Hook): HookDecision =>
  action !== 'publish' || params.get('key') === 'right'
    ? { allow: true }
    : { allow: false, reason: 'the key is wrong' };

type World = Omit<GuestWorld, 'client' | 'real' | 'simulator' | 'come' | 'enter' | 'restart' | 'apiOn'>;

/** A hook address that answers in the words of this server. */
async function gate(kind: Kind): Promise<World> {
  const speech = speechOf(kind);
  const address = await startHookAddress();
  const world: World = {
    kind,
    speech,
    address,
    hooks: [],
    decide: byKey,
    list: () => Promise.resolve([]),
    heard: (action, stream) =>
      world.hooks.flatMap((hook) =>
        hook?.action === action && (stream === undefined || hook.stream === stream) ? [hook] : [],
      ),
  };
  address.answer = ({ method, contentType, body }) => {
    const read = speech.parse({ method, contentType, query: '', body: Buffer.from(body) });
    const hook = 'fault' in read ? null : read;
    world.hooks.push(hook);
    return speech.reply(hook ? world.decide(hook) : { allow: false, reason: 'no hook' }, hook);
  };
  return world;
}

function settings(kind: Kind, api: string, control: string | null) {
  const password = kind === 'oryx' ? 'token' : null;
  return { kind, api, control, user: null, password, timeoutMs: 5_000 };
}

async function simulatedWorld(
  kind: Kind,
  options: Record<string, unknown>,
  ending: ReturnType<typeof endings>,
): Promise<GuestWorld> {
  const world = await gate(kind);
  ending.add(() => world.address.close());
  const simulator = await startMediaServerSimulator(kind, {
    hooks: world.address.url,
    ...(kind === 'oryx' ? { password: 'token' } : {}),
    // as the configuration lines have it
    ...(kind === 'mediamtx' ? { override: false } : {}),
    ...options,
  });
  ending.add(() => simulator.close());
  const client = createMediaServer(settings(kind, simulator.api, simulator.control));
  ending.add(() => client.close());
  const come = async (stream: string, args = 'key=right'): Promise<Guest> => {
    const came = await simulator.publish(stream, { args });
    const there = () => simulator.publishers.some(({ clientId }) => clientId === came.clientId);
    return {
      refused: () => !came.allowed,
      settled: () => Promise.resolve(came.allowed ? 'in' : 'refused'),
      leave: async () => void (there() && (await simulator.unpublish(stream))),
      die: async () => void (there() && (await simulator.unpublish(stream))),
      ended: async () => void (await waitFor(() => !there(), { message: `${stream} to end` })),
    };
  };
  return whole(world, client, {
    real: false,
    simulator,
    come,
    restart: () => simulator.restart({ downMs: 50 }),
    apiOn: (on) => simulator.apiOn(on),
  });
}

async function realWorld(ending: ReturnType<typeof endings>, updateMs: number | null): Promise<GuestWorld> {
  const world = await gate('nginx-rtmp');
  ending.add(() => world.address.close());
  const server = await startGuestServer({ hooks: world.address.url, updateMs });
  ending.add(() => server.close());
  // its API alone goes away and comes back by what stands in front of it
  const front = await startThrottledProxy(Number(new URL(server.nginx.statUrl).port));
  ending.add(() => front.close());
  const base = `http://127.0.0.1:${front.port}`;
  const client = createMediaServer(settings('nginx-rtmp', `${base}/stat`, `${base}/control`));
  ending.add(() => client.close());
  const come = async (stream: string, key = 'key=right'): Promise<Guest> => {
    const before = world.heard('publish', stream).length;
    const guest = await publisher({ server: server.nginx.server, stream, key });
    ending.add(() => guest.close());
    const mine = () => world.heard('publish', stream)[before]?.clientId ?? null;
    return {
      refused: () => (guest.running ? null : true),
      async settled() {
        const inside = async () =>
          (await client.list(0)).publishers.some(({ clientId }) => clientId !== null && clientId === mine());
        await waitFor(async () => !guest.running || (await inside()), { message: () => guest.log() });
        return guest.running ? 'in' : 'refused';
      },
      leave: () => guest.stop(),
      async die() {
        guest.kill();
        await guest.gone();
      },
      ended: () => guest.gone(),
    };
  };
  return whole(world, client, {
    real: true,
    simulator: null,
    come,
    restart: () => server.restart(),
    apiOn: (on) => (on ? front.restore() : front.cut()),
  });
}

function whole(
  world: World,
  client: MediaServerClient,
  more: Pick<GuestWorld, 'real' | 'simulator' | 'come' | 'restart' | 'apiOn'>,
): GuestWorld {
  const list = async () => (await client.list(0)).publishers;
  // the parts that change stay where they are read
  return Object.assign(world, more, {
    client,
    list,
    async enter(stream: string, args?: string) {
      const guest = await more.come(stream, args);
      assert.equal(await guest.settled(), 'in', `${stream} is let in`);
      const listed = await waitFor(async () => (await list()).find((one) => one.stream === stream), {
        message: `${stream} in the list`,
      });
      return { ...guest, listed };
    },
  });
}

/** Registers one scenario for each media server that it has a meaning with, and for the real nginx-rtmp. */
export function guestContract(
  name: string,
  options: GuestScenario,
  run: (world: GuestWorld) => Promise<void>,
): void {
  const kinds = options.kinds ?? KINDS;
  const play = async (make: (ending: ReturnType<typeof endings>) => Promise<GuestWorld>) => {
    const ending = endings();
    try {
      await run(await make(ending));
    } finally {
      await ending.run();
    }
  };
  describe(name, function () {
    this.timeout(options.timeoutMs ?? 120_000);
    for (const kind of kinds)
      it(`simulated ${kind}`, () =>
        play((ending) =>
          simulatedWorld(kind, { ...options.options, updateMs: options.updateMs ?? null }, ending),
        ));
    if (kinds.includes('nginx-rtmp') && !options.options)
      it('nginx-rtmp', async function () {
        requirePrograms(this, ['nginx', 'ffmpeg', rtmpModule]);
        await play((ending) => realWorld(ending, options.updateMs ?? null));
      });
  });
}
