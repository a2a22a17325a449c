// One simulated OBS and everybody who watches it at the same time: our nodes, the bare client, the model of Companion. The
// show is idle for a minute, then live, then live and recording; requests are counted at OBS, over each whole minute.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OBSWebSocket } from 'obs-websocket-js/json';
import { waitFor } from '../../test/support/wait';
import { startChild } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { compare } from '../support/rounds';
import { PASSWORD, type Sent, type Spent } from './protocol';

const MINUTE_MS = 60_000;
/** processor time is taken over each of these: they lie side by side in the same time, so nobody's round is luckier */
const ROUNDS = 6;
/** for the engine to compile what runs often */
const WARM_UP_MS = 15_000;

const WATCHERS = {
  one: ['nodes', '1'],
  ten: ['nodes', '10'],
  fifty: ['nodes', '50'],
  bare: ['bare'],
  companion: ['companion'],
} as const;
type Name = keyof typeof WATCHERS;
const NAMES = Object.keys(WATCHERS) as Name[];

const PHASES = ['idle', 'live', 'live and recording'] as const;
type Phase = (typeof PHASES)[number];

/** What one watcher did in one phase. */
interface Minute extends Sent {
  /** messages that came from OBS */
  heard: number;
  /** processor time of each round, ms a minute */
  cpu: number[];
}

interface Watcher {
  /** the number by which OBS knows it */
  readonly client: number;
  readonly child: ChildProcess;
}

/** The next word of a child, after asking for it where `ask` is given. */
function word<T>(child: ChildProcess, ask?: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void) => {
      child.off('message', heard).off('exit', gone);
      act();
    };
    const heard = (answer: unknown) => end(() => resolve(answer as T));
    const gone = (code: number | null) =>
      end(() => reject(new Error(`a process of the benchmark has ended with ${code}`)));
    child.once('message', heard).once('exit', gone);
    if (ask) child.send(ask);
  });
}

/** Count and measure all of them through one minute. */
async function minute(obs: ChildProcess, watchers: Record<Name, Watcher>): Promise<Record<Name, Minute>> {
  const readAll = async () =>
    Object.fromEntries(
      await Promise.all(NAMES.map(async (name) => [name, await word<Spent>(watchers[name].child, 'spent')])),
    ) as Record<Name, Spent>;
  const countAll = () => word<Record<number, Sent>>(obs, 'count');
  const [sentBefore, first] = [await countAll(), await readAll()];
  const rounds = [first];
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(MINUTE_MS / ROUNDS);
    rounds.push(await readAll());
  }
  const [sentAfter, last] = [await countAll(), rounds.at(-1)!];
  const none: Sent = { messages: 0, requests: 0, readings: 0 };
  const of = (name: Name): Minute => {
    const [before, after] = [sentBefore, sentAfter].map((sent) => sent[watchers[name].client] ?? none);
    return {
      messages: after!.messages - before!.messages,
      requests: after!.requests - before!.requests,
      readings: after!.readings - before!.readings,
      heard: last[name].heard - first[name].heard,
      cpu: rounds.slice(1).map((at, round) => {
        const from = rounds[round]![name];
        return ((at[name].cpuUs - from.cpuUs) / 1000) * (MINUTE_MS / (at[name].atMs - from.atMs));
      }),
    };
  };
  return Object.fromEntries(NAMES.map((name) => [name, of(name)])) as Record<Name, Minute>;
}

async function startWatchers(port: number, obs: ChildProcess): Promise<Record<Name, Watcher>> {
  const watchers: Partial<Record<Name, Watcher>> = {};
  const clients = new Set(Object.keys(await word<object>(obs, 'count')));
  for (const name of NAMES) {
    const [kind, count = '0'] = WATCHERS[name];
    const child = startChild(join(__dirname, 'watcher-child.ts'), [kind, String(port), count]);
    await word(child);
    // whoever has asked OBS for something since the last one came
    const client = await waitFor(
      async () => Object.keys(await word<object>(obs, 'count')).find((id) => !clients.has(id)),
      { intervalMs: 200, message: `a request of ${name}` },
    );
    clients.add(client);
    watchers[name] = { client: Number(client), child };
  }
  return watchers as Record<Name, Watcher>;
}

/** The three minutes, by watcher. */
async function show(): Promise<Record<Phase, Record<Name, Minute>>> {
  const obs = startChild(join(__dirname, 'obs-child.ts'));
  const port = await word<number>(obs);
  const stage = new OBSWebSocket();
  await stage.connect(`ws://127.0.0.1:${port}`, PASSWORD, { eventSubscriptions: 0 });
  const service = { server: 'rtmp://127.0.0.1/live', key: 'show', use_auth: false };
  await stage.call('SetStreamServiceSettings', {
    streamServiceType: 'rtmp_custom',
    streamServiceSettings: service,
  });
  const watchers = await startWatchers(port, obs);
  const minutes: Partial<Record<Phase, Record<Name, Minute>>> = {};
  const begin = {
    idle: null,
    live: { start: 'StartStream', status: 'GetStreamStatus' },
    'live and recording': { start: 'StartRecord', status: 'GetRecordStatus' },
  } as const;
  for (const phase of PHASES) {
    const requests = begin[phase];
    if (requests) {
      await stage.call(requests.start);
      await waitFor(async () => (await stage.call(requests.status)).outputActive, { message: phase });
    }
    // what is asked once after a start is not what is asked all the time
    await sleep(WARM_UP_MS);
    console.log(`  one minute ${phase}`);
    minutes[phase] = await minute(obs, watchers);
  }
  await stage.disconnect();
  for (const child of [...Object.values(watchers).map((watcher) => watcher.child), obs]) child.kill();
  return minutes as Record<Phase, Record<Name, Minute>>;
}

/** One poll for all nodes of a connection, what it costs, and what OBS is asked, next to others who watch. */
export async function loadFigures(): Promise<Figure[]> {
  const minutes = await show();
  const { live } = minutes;
  const nodes = [
    ['one', 1],
    ['ten', 10],
    ['fifty', 50],
  ] as const;
  const polls = nodes.map(([name, count]) =>
    figure({
      name: `polls a minute while live, ${count} health alert node${count > 1 ? 's' : ''}`,
      unit: 'polls',
      ours: live[name].readings,
      baseline: live.bare.readings,
      ratio: live[name].readings / live.bare.readings,
      goal: 'one a second, however many nodes',
      isMet: ({ ours }) => ours >= 55 && ours <= 62,
    }),
  );
  const cpu = nodes.map(([name, count]) =>
    figure({
      name: `CPU while live, ${count} health alert node${count > 1 ? 's' : ''}, next to the bare client with the same batch`,
      unit: 'ms a minute',
      ...compare(live[name].cpu, live.bare.cpu),
      goal: 'under 1 % of a core: 600',
      isMet: ({ ours }) => ours < 600,
    }),
  );
  const growth = nodes.slice(1).map(([name, count]) =>
    figure({
      name: `CPU while live, ${count} nodes next to 1`,
      unit: 'ms a minute',
      ...compare(live[name].cpu, live.one.cpu),
      goal: `under half of what ${count} polls would cost`,
      isMet: ({ ratio }) => ratio !== null && ratio < count / 2,
    }),
  );
  const requests = PHASES.flatMap((phase) => {
    const { one, companion } = minutes[phase];
    const next = `next to Companion's OBS module`;
    const fewer = {
      goal: 'no more than that',
      isMet: ({ ratio }: { ratio: number | null }) => (ratio ?? 2) <= 1,
    };
    return (['requests', 'messages', 'heard'] as const).map((what) =>
      figure({
        name: `${{ requests: 'requests to OBS', messages: 'messages to OBS', heard: 'messages from OBS' }[what]}, ${phase}, ${next}`,
        unit: 'a minute',
        ours: one[what],
        baseline: companion[what],
        ratio: one[what] / companion[what],
        ...fewer,
      }),
    );
  });
  return [...polls, ...cpu, ...growth, ...requests];
}
