// A minute of polling at our default, and as Bitfocus Companion does: the document over TCP every 250 ms.
import { connect } from 'node:net';
import { FrameReader } from '../../lib/vmix/frames';
import { VmixHttp } from '../../lib/vmix/http';
import { POLL_MS } from '../../lib/vmix/poller';
import { figure, type Figure } from '../support/figures';
import { alternate, compare } from '../support/rounds';
import { startBenchVmix } from './child';
import { parseBare } from './library';

const ROUNDS = 5;
const POLLS = 20;
const SIZES = [20, 200, 1000];
const COMPANION_MS = 250;

export async function pollFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const inputs of SIZES) {
    const vmix = await startBenchVmix(inputs);
    const http = new VmixHttp({ host: '127.0.0.1', port: vmix.httpPort });
    const bare = bareTcp(vmix.tcpPort);
    const values = await alternate(ROUNDS, 1, {
      ours: async () => (60_000 / POLL_MS) * (await each(() => http.state())),
      companion: async () =>
        (60_000 / COMPANION_MS) * (await each(async () => parseBare(await bare.document()))),
    });
    await http.close();
    bare.end();
    vmix.stop();
    figures.push(
      figure({
        name: `processor time of a minute of polling ${inputs} inputs, beside every ${COMPANION_MS} ms as Companion`,
        unit: 'ms',
        ...compare(values.ours, values.companion),
        goal: 'at most a quarter',
        isMet: ({ ratio }) => ratio !== null && ratio <= 0.25,
      }),
    );
  }
  return figures;
}

/** Milliseconds of processor time for each of some calls. */
async function each(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let poll = 0; poll < POLLS; poll++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / POLLS;
}

/** A socket that asks for the document and nothing else. */
function bareTcp(port: number): { document(): Promise<string>; end(): void } {
  const socket = connect(port, '127.0.0.1');
  const reader = new FrameReader();
  let got: (document: string) => void = () => undefined;
  socket.on('data', (piece: Buffer) => {
    for (const frame of reader.push(piece)) if (frame.kind === 'body') got(frame.body.toString('utf8'));
  });
  return {
    document: () =>
      new Promise((resolve) => {
        got = resolve;
        socket.write('XML\r\n');
      }),
    end: () => socket.destroy(),
  };
}
