// Our own client, as the nodes use it, and what scenarios ask of it.
import assert from 'node:assert/strict';
import type { LiveError } from '../../lib/errors';
import { ObsApplication } from '../../lib/obs/application';
import type { StartStreamOptions } from '../../lib/production/application';
import type { StreamTarget } from '../../lib/production/targets';
import { waitFor } from '../support';
import { hear, type Heard, type OpenOptions } from './hear';
import type { Address, World } from './support';

/** Long enough to be a confirmation, short enough for a test. */
export const CONFIRM_MS = 1000;

/** What a close may take at most, in every state; a Node-RED that redeploys waits for it. */
export const CLOSE_MS = 2500;

export type Driven = Heard<ObsApplication>;

let count = 0;

/** An application of ours on this world's OBS, connected unless `ready` is false; closed when the scenario ends. */
export async function drive(
  world: World,
  options: OpenOptions & { name?: string; simulated?: boolean } = {},
): Promise<Driven> {
  const heard = await hear(
    world,
    (log) =>
      new ObsApplication({
        id: `obs-${(count += 1)}`,
        name: options.name ?? 'the show',
        simulated: options.simulated === true,
        host: world.host,
        port: world.port,
        tls: false,
        password: options.password ?? world.password ?? '',
        log,
      }),
    options,
    CLOSE_MS,
  );
  return {
    ...heard,
    async closeQuickly() {
      await heard.closeQuickly();
      assert.equal(heard.app.client.listeners, 0, 'listeners are left over');
    },
  };
}

/** A stream target of this address. */
export function target(address: Address, more: Partial<StreamTarget> = {}): StreamTarget {
  const service = address.server.startsWith('srt:') ? 'srt' : 'rtmp';
  return { name: 'main', service, ...address, user: '', password: '', ...more };
}

/** What a start of a stream to this address asks for. */
export function to(address: Address, more: Partial<StartStreamOptions> = {}): StartStreamOptions {
  return { target: target(address), confirmMs: CONFIRM_MS, ...more };
}

/** What the work was rejected with, which must be a coded error of this code. */
export async function rejected(work: Promise<unknown>, ...codes: string[]): Promise<LiveError> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    const fault = error as LiveError;
    assert.ok(
      codes.includes(fault.code),
      `${fault.code ?? 'no code'} instead of ${codes.join(' or ')}: ${String(error)}`,
    );
    return fault;
  }
  assert.fail(`not rejected with ${codes.join(' or ')}, but ${JSON.stringify(value)}`);
}

/** Sends the real or the simulated OBS settings for its stream, past everything of ours. */
export async function setService(
  world: World,
  type: string,
  settings: Record<string, string | boolean>,
): Promise<void> {
  const client = await world.connectClient();
  await client.call('SetStreamServiceSettings', { streamServiceType: type, streamServiceSettings: settings });
  await client.close();
}

/** One setting of the profile; null takes it back to OBS's own. */
export async function setParameter(
  world: World,
  category: string,
  name: string,
  value: string | null,
): Promise<void> {
  const client = await world.connectClient();
  await client.call('SetProfileParameter', {
    parameterCategory: category,
    parameterName: name,
    // the library's types know no null, the protocol does
    parameterValue: value as string,
  });
  await client.close();
}

/** Settings of the profile by `Category/Name`. */
export async function parameters(world: World, names: string[]): Promise<Record<string, string | null>> {
  const client = await world.connectClient();
  const out: Record<string, string | null> = {};
  for (const name of names) {
    const [parameterCategory = '', parameterName = ''] = name.split('/');
    const answer = await client.call('GetProfileParameter', { parameterCategory, parameterName });
    out[name] = answer.parameterValue;
  }
  await client.close();
  return out;
}

/** Asserts that OBS lives and that its stream is off. */
export async function streamIsIdle(world: World): Promise<void> {
  const client = await world.connectClient();
  await waitFor(async () => !(await client.call('GetStreamStatus')).outputActive, {
    timeoutMs: 5000,
    message: 'the stream to be off',
  });
  await client.close();
}
