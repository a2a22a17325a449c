// The OBS side, in a process of its own so that it shares no event loop with what is measured: as little of the protocol as
// a client needs, and events as fast as a socket takes them.
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { VERSIONS } from '../../simulators/obs/tables/requests';
import { EVENT, benchEvent, type Order, type Word } from './protocol';

const FRAMES_A_WRITE = 500;
/** who proves to know the password is not looked at */
const AUTHENTICATION = {
  challenge: 'Y2hhbGxlbmdlY2hhbGxlbmdlY2hhbGxlbmdl',
  salt: 'c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0',
};
const { requests, webSocket, obs } = VERSIONS['obs-29'];
const ANSWERS: Record<string, object> = {
  GetVersion: {
    availableRequests: requests,
    obsVersion: obs,
    obsWebSocketVersion: webSocket,
    platform: 'linux',
    rpcVersion: 1,
    supportedImageFormats: ['bmp', 'jpg', 'png', 'webp'],
  },
  GetStreamStatus: {
    outputActive: false,
    outputBytes: 0,
    outputCongestion: 0,
    outputDuration: 0,
    outputReconnecting: false,
    outputSkippedFrames: 0,
    outputTimecode: '00:00:00.000',
    outputTotalFrames: 0,
  },
  GetRecordStatus: {
    outputActive: false,
    outputBytes: 0,
    outputDuration: 0,
    outputPaused: false,
    outputTimecode: '00:00:00.000',
  },
  GetVirtualCamStatus: { outputActive: false },
  GetReplayBufferStatus: { outputActive: false },
  GetSceneList: {
    currentPreviewSceneName: null,
    currentProgramSceneName: 'Scene',
    scenes: [{ sceneIndex: 0, sceneName: 'Scene' }],
  },
  GetStudioModeEnabled: { studioModeEnabled: false },
  GetStreamServiceSettings: { streamServiceSettings: { server: '' }, streamServiceType: 'rtmp_custom' },
  GetStats: { activeFps: 30, availableDiskSpace: 1, cpuUsage: 1, memoryUsage: 100, renderTotalFrames: 1000 },
};

interface Request {
  requestId: string;
  requestType: string;
  requests?: { requestType: string }[];
}

const clients: WebSocket[] = [];
const tell = (word: Word) => process.send?.(word);

function answer(socket: WebSocket, client: number, op: number, request: Request): void {
  const requestStatus = { code: 100, result: true };
  const say = (answerOp: number, d: object) => socket.send(JSON.stringify({ d, op: answerOp }));
  const one = (requestType: string) => ({
    requestType,
    requestStatus,
    responseData: ANSWERS[requestType] ?? {},
  });
  if (op === 1 || op === 3) say(2, { negotiatedRpcVersion: 1 });
  if (op === 1) tell({ kind: 'identified', client });
  if (op === 6) say(7, { requestId: request.requestId, ...one(request.requestType) });
  if (op === 8)
    say(9, {
      requestId: request.requestId,
      results: request.requests?.map(({ requestType }) => one(requestType)),
    });
}

const eventText = (sequence: number) =>
  JSON.stringify({ d: { eventData: benchEvent(sequence), eventIntent: 8, eventType: EVENT }, op: 5 });

/** To every client in turn first: whoever hears an event second hears it later by what the first does with it. */
async function pace({ clients: to, count, everyMs }: Extract<Order, { kind: 'pace' }>): Promise<void> {
  const began = performance.now();
  for (let sequence = 0; sequence < count; sequence++) {
    const waitMs = began + sequence * everyMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const text = eventText(sequence);
    for (let turn = 0; turn < to.length; turn++) clients[to[(turn + sequence) % to.length]!]!.send(text);
  }
}

/** Whole frames made beforehand, so that the client is what limits the rate, and not this process. */
function burst({ client, count }: Extract<Order, { kind: 'burst' }>): void {
  const socket = (clients[client] as unknown as { _socket: Socket })._socket;
  const frames = Array.from({ length: count }, (_, sequence) => frame(eventText(sequence)));
  // stamped at the moment the burst leaves
  frames[0] = frame(eventText(0));
  for (let from = 0; from < count; from += FRAMES_A_WRITE)
    socket.write(Buffer.concat(frames.slice(from, from + FRAMES_A_WRITE)));
}

/** A WebSocket text frame as a server sends it. */
function frame(text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length < 126) return Buffer.concat([Buffer.from([0x81, body.length]), body]);
  return Buffer.concat([Buffer.from([0x81, 126, body.length >> 8, body.length & 255]), body]);
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => tell({ kind: 'listening', port: (server.address() as AddressInfo).port }));
server.on('connection', (socket) => {
  const client = clients.push(socket) - 1;
  // a client that goes without a word is no fault of the measurement
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const { op, d } = JSON.parse((data as Buffer).toString()) as { op: number; d: Request };
    answer(socket, client, op, d);
  });
  const hello = { authentication: AUTHENTICATION, obsWebSocketVersion: webSocket, rpcVersion: 1 };
  socket.send(JSON.stringify({ d: hello, op: 0 }));
});
process.on('message', (order: Order) => {
  if (order.kind === 'burst') burst(order);
  else void pace(order);
});
process.on('disconnect', () => process.exit());
