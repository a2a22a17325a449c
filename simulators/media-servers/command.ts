import { createInterface } from 'node:readline';
import { misuse, readOptions, untilSignal, wholePort } from '../command-line';
import { createMediaServerSimulator } from '.';
import { createRehearsalServer } from './rehearsal';
import type { MediaServerSimulator } from './types';

/** What the help says of the media servers. */
export const MEDIA_SERVER_HELP = `
Media servers:
  --hooks URL      where hooks are posted to; without it everybody is let in
  --publish KEYS   stream keys that are published at once, with commas between them: guest1?key=abc,guest2?key=def
  --app A          the application they publish to (default live)
  --guests N       srs: so many invented guests come and go by themselves
  --speed N        makes delays and the invented guests quicker (default 1)
They read commands from standard input, one a line:
  publish guest1?key=abc · unpublish guest1 · kill guest1 (gone without a word) · stall guest1 · resume guest1 · list · restart
`;

const PORTS = { srs: '1985', oryx: '2022', 'nginx-rtmp': '8080', mediamtx: '9997' };
const OPTIONS = ['port', 'host', 'user', 'password', 'hooks', 'publish', 'app', 'guests', 'speed'];

/** `live-simulator srs` and the others: print the addresses, do what standard input says, run until SIGINT or SIGTERM. */
export async function runMediaServer(kind: keyof typeof PORTS, args: string[], help: string): Promise<void> {
  const values = readOptions(args, OPTIONS, help);
  if (!values) return;
  const hooks = values.hooks ?? null;
  if (hooks !== null && !/^http:\/\/./.test(hooks))
    misuse('--hooks wants an address that starts with http://');
  const settings = {
    hooks,
    port: wholePort(values.port ?? PORTS[kind]),
    host: values.host ?? '127.0.0.1',
    user: values.user ?? null,
    password: values.password ?? null,
    speed: above(values.speed ?? '1', '--speed'),
  };
  const app = values.app ?? 'live';
  const guests = values.guests === undefined ? 0 : above(values.guests, '--guests');
  if (guests > 0 && (kind !== 'srs' || hooks === null)) misuse('--guests is for srs with --hooks');
  const rehearsal =
    guests > 0 ? createRehearsalServer({ ...settings, hookAddress: hooks ?? '', app, guests }) : null;
  const simulator = rehearsal?.simulator ?? createMediaServerSimulator(kind, settings);
  await (rehearsal ?? simulator).start();
  say(
    `Simulated ${kind} listens at ${simulator.api}, hooks go to ${hooks === null ? 'nobody' : shown(hooks)}`,
  );
  for (const key of (values.publish ?? '').split(','))
    if (key !== '') await order(simulator, app, 'publish', key);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const [verb = '', key = ''] = line.trim().split(/\s+/);
    if (verb !== '') void order(simulator, app, verb, key);
  });
  untilSignal(async () => {
    lines.close();
    process.stdin.destroy();
    await (rehearsal ?? simulator).close();
  });
}

/** Do one command, and say what came of it; a key is never printed. */
async function order(simulator: MediaServerSimulator, app: string, verb: string, key: string): Promise<void> {
  const name = key.split('?')[0] ?? '';
  const found = (done: boolean, what: string) =>
    say(done ? `${name} ${what}` : `nobody publishes as ${name}`);
  switch (verb) {
    case 'publish': {
      const came = await simulator.publish(key, { app });
      return say(came.allowed ? `${name} publishes (${came.clientId})` : `${name} is refused: ${came.why}`);
    }
    case 'unpublish':
      return found(await simulator.unpublish(name, app), 'left');
    case 'kill':
      return found(simulator.kill(name, app), 'is silent');
    case 'stall':
      return found(simulator.stall(name, app), 'sends nothing');
    case 'resume':
      return found(simulator.resume(name, app), 'sends again');
    case 'restart':
      await simulator.restart();
      return say('restarted');
    case 'list':
      say(`${simulator.publishers.length} publish`);
      for (const one of simulator.publishers)
        say(`${one.app}/${one.stream} ${one.clientId} ${one.bytesIn} bytes`);
      return;
    default:
      return say(`"${verb}" is no command: publish, unpublish, kill, stall, resume, list, restart`);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The address without its path, which holds the secret. */
function shown(address: string): string {
  return new URL(address).origin;
}

function above(text: string, option: string): number {
  const number = Number(text);
  if (!(number > 0) || number > 10_000) misuse(`${option} wants a number above 0, not "${text}"`);
  return number;
}
