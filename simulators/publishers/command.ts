import { misuse, readOptions, untilSignal } from '../command-line';
import { startTestPublishers } from './rehearsal';

/** What the help says of a test stream. */
export const PUBLISHER_HELP = `
Test stream (320x180 with its name and a clock, H.264 and AAC; needs no ffmpeg):
  --server URL     where to: rtmp://127.0.0.1/live, or rtmps://
  --key KEY        the stream key: anna?key=secret; better in the variable LIVE_STREAM_KEY, where no list of processes shows it
`;

const PORTS: Record<string, number> = { 'rtmp:': 1935, 'rtmps:': 443 };

/** `live-simulator publisher`: publish a test stream to any server until SIGINT or SIGTERM; a key is never printed. */
export function runPublisher(args: string[], help: string): void {
  const values = readOptions(args, ['server', 'key'], help);
  if (!values) return;
  const { host, port, app, secure } = serverOf(values.server ?? '');
  const [name = '', ...rest] = (values.key ?? process.env.LIVE_STREAM_KEY ?? '').split('?');
  if (name === '') misuse('--key wants a stream key, as OBS has it: anna?key=secret');
  const told = (_: string, what: string) => process.stdout.write(`${name} ${what}\n`);
  const given = rest.length > 0 ? rest.join('?') : null;
  const publishers = startTestPublishers({
    ...{ host, port, app, secure, names: [name], args: given, quiet: true, told },
  });
  // between two tries nothing else keeps the program alive
  const alive = setInterval(() => undefined, 60_000);
  untilSignal(async () => {
    clearInterval(alive);
    await publishers.close();
  });
}

function serverOf(text: string): { host: string; port: number; app: string; secure: boolean } {
  const url = URL.canParse(text) ? new URL(text) : null;
  const usual = PORTS[url?.protocol ?? ''];
  const app = url?.pathname.replace(/^\/+|\/+$/g, '') ?? '';
  if (!url || usual === undefined || url.hostname === '' || app === '')
    misuse(`--server wants an address like rtmp://127.0.0.1/live, not "${text}"`);
  return { host: url.hostname, port: Number(url.port) || usual, app, secure: url.protocol === 'rtmps:' };
}
