// Applications on simulated vMix, for tests of what they can do.
import assert from 'node:assert/strict';
import type { LiveError } from '../../lib/errors';
import type { ProductionEvent } from '../../lib/production/vocabulary';
import { VmixApplication } from '../../lib/vmix/application';
import { NO_EXTRAS } from '../../lib/vmix/extras';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';

export interface Mixer {
  app: VmixApplication;
  vmix: VmixSimulator;
  events: ProductionEvent[];
}

const open: { close(): Promise<void> }[] = [];

/** A vMix that is rehearsed with; quick, as few tests are about its delays. */
export async function simulatedVmix(options: VmixSimulatorOptions = {}): Promise<VmixSimulator> {
  const vmix = await startVmixSimulator({ speed: 10, random: () => 0.5, ...options });
  open.unshift(vmix);
  return vmix;
}

/** An application on this vMix, connected. */
export async function connectTo(vmix: VmixSimulator, id = 'mixer'): Promise<Mixer> {
  const app = new VmixApplication({
    ...NO_EXTRAS,
    id,
    name: 'Mixer',
    simulated: false,
    host: vmix.host,
    port: vmix.httpPort,
    tcpPort: vmix.tcpPort,
    user: '',
    password: '',
    log: () => undefined,
  }).start();
  open.unshift(app);
  const events: ProductionEvent[] = [];
  app.events.onEvent((event) => events.push(event));
  await app.whenReady(10_000);
  return { app, vmix, events };
}

export async function mixerOn(options: VmixSimulatorOptions = {}): Promise<Mixer> {
  return connectTo(await simulatedVmix(options));
}

/** Close everything; for afterEach. No test may have sent a toggle, which would undo what was done meanwhile. */
export async function closeMixers(): Promise<void> {
  const all = open.splice(0);
  for (const one of all) await one.close();
  for (const one of all) if ('calls' in one) noToggles(one as VmixSimulator);
}

/** The functions that reached it, with their value and input. */
export function functionsSent(vmix: VmixSimulator): string[] {
  return vmix.calls
    .filter(({ via, name }) => via === 'http' && name !== 'state')
    .map(({ name, parameters: { value, input, duration } }) =>
      [name, value, input, duration].filter((one) => one !== undefined).join(' '),
    );
}

function noToggles(vmix: VmixSimulator): void {
  const toggles = functionsSent(vmix).filter((sent) =>
    /^(StartStop|Fullscreen$|FadeToBlack|OverlayInput\d$|Fullscreen )/i.test(sent),
  );
  assert.deepEqual(toggles, [], 'a toggle was sent');
}

/** Nothing listens there; in a container that has a sentence of its own. */
export const GONE = /^VMIX_(REFUSED|CONTAINER_LOOPBACK)$/;

/** Rejects with this code, in a finished sentence. */
export async function failsWith(work: Promise<unknown>, code: string | RegExp): Promise<LiveError> {
  const error = await work.then(
    (value) => assert.fail(`it resolved with ${JSON.stringify(value)}, and not ${String(code)}`),
    (thrown: unknown) => thrown as LiveError,
  );
  if (typeof code === 'string') assert.equal(error.code, code, error.message);
  else assert.match(error.code, code, error.message);
  assert.ok(!/\{\w+\}|undefined|NaN|\[object/.test(error.message), error.message);
  return error;
}
