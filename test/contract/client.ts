// A bare client that writes down what it hears.
import OBSWebSocket, {
  EventSubscription,
  type OBSRequestTypes,
  type OBSResponseTypes,
} from 'obs-websocket-js/json';
import { waitFor } from '../support';

export interface Heard {
  /** ms since 1970 */
  at: number;
  type: string;
  data: Record<string, unknown>;
}

export interface BareClient {
  readonly obs: OBSWebSocket;
  /** every event so far, in order */
  readonly events: readonly Heard[];
  /** code of the close, once the socket closed; not set by our own `close` */
  readonly closed: number | undefined;
  call<T extends keyof OBSRequestTypes>(type: T, data?: OBSRequestTypes[T]): Promise<OBSResponseTypes[T]>;
  /** the states of StreamStateChanged or RecordStateChanged in order, without their common prefix */
  states(type: 'StreamStateChanged' | 'RecordStateChanged' | 'ReplayBufferStateChanged'): string[];
  /** the first event of this type (and state, without prefix) at or after position `from` in `events` */
  waitForEvent(
    type: string,
    options?: {
      state?: string;
      where?: (data: Record<string, unknown>) => boolean;
      timeoutMs?: number;
      from?: number;
    },
  ): Promise<Heard>;
  close(): Promise<void>;
}

const prefix = 'OBS_WEBSOCKET_OUTPUT_';
const stateOf = (data: Record<string, unknown>): string => String(data.outputState).replace(prefix, '');

/** Connects with obs-websocket-js itself, no part of ours between. */
export async function bareClient(
  url: string,
  password: string | null,
  eventSubscriptions: number = EventSubscription.All,
): Promise<BareClient> {
  const obs = new OBSWebSocket();
  const events: Heard[] = [];
  let closed: number | undefined;
  let closing = false;
  // the one place where every event passes, whatever its name
  const emit = obs.emit.bind(obs) as (...args: unknown[]) => boolean;
  const internal = new Set([
    'ConnectionOpened',
    'ConnectionClosed',
    'ConnectionError',
    'Hello',
    'Identified',
  ]);
  (obs as unknown as { emit: typeof emit }).emit = (...args) => {
    const [type, data] = args;
    if (type === 'ConnectionClosed' && !closing) closed = (data as { code: number }).code;
    if (typeof type === 'string' && !internal.has(type))
      events.push({ at: Date.now(), type, data: (data ?? {}) as Record<string, unknown> });
    return emit(...args);
  };
  await obs.connect(url, password ?? undefined, { eventSubscriptions });
  return {
    obs,
    events,
    get closed() {
      return closed;
    },
    call: (type, data) => obs.call(type, data),
    states: (type) => events.filter((event) => event.type === type).map((event) => stateOf(event.data)),
    async waitForEvent(type, { state, where = () => true, timeoutMs = 30_000, from = 0 } = {}) {
      const fits = (event: Heard): boolean =>
        event.type === type && (state === undefined || stateOf(event.data) === state) && where(event.data);
      return await waitFor(() => events.slice(from).find(fits), {
        timeoutMs,
        message: () =>
          `${type}${state ? ` ${state}` : ''}; heard: ${events
            .slice(from)
            .map((event) => (event.data.outputState ? `${event.type} ${stateOf(event.data)}` : event.type))
            .join(', ')}`,
      });
    },
    async close() {
      closing = true;
      // a frozen OBS would keep a kind goodbye waiting for half a minute
      (obs as unknown as { socket?: { terminate(): void } }).socket?.terminate();
      await waitFor(() => !obs.identified, { message: 'the bare client to close' });
    },
  };
}
