// The example of any vMix function and event, played on a simulated vMix.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { VmixSimulator } from '../../simulators/vmix';
import {
  connectionIs,
  heardBy,
  load,
  next,
  send,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type FlowNode,
  type Msg,
} from './support/rig';

const FILE = join(__dirname, '../../examples/09 vMix/07 Any vMix function and event.json');

describe('the example "Any vMix function and event"', () => {
  const nodes = JSON.parse(readFileSync(FILE, 'utf8')) as FlowNode[];
  const named = (name: string) => {
    const found = nodes.find((node) => node.name === name);
    assert.ok(found, name);
    return found;
  };
  const connection = String(nodes.find(({ type }) => type === 'live-vmix-connection')?.id);
  let vmix: VmixSimulator;

  beforeEach(async () => {
    vmix = await simulateVmix();
    const to = vmixConnectionTo(vmix);
    await load(
      nodes
        .filter(({ type }) => type !== 'inject' && type !== 'comment')
        .map((node) => {
          if (node.id === connection) return { ...to, id: connection };
          return ['debug', 'function'].includes(node.type) ? { ...node, type: 'test-sink' } : node;
        }),
    );
    await connectionIs('ready', connection);
  });
  afterEach(tearDown);

  /** Press a button of the example. */
  const press = (name: string) => {
    const button = named(name);
    const [[to = ''] = []] = button.wires as string[][];
    const payload =
      button.payloadType === 'json' ? (JSON.parse(String(button.payload)) as unknown) : button.payload;
    const more = (button.props as { p: string; v?: string }[]).filter(({ v }) => v !== undefined);
    send({ payload, ...Object.fromEntries(more.map(({ p, v }) => [p, v])) }, to);
  };
  const answer = (matches: (msg: Msg) => boolean) => next(named('answer').id, matches);
  const fault = (code: string) => next(named('fault').id, ({ error }) => error.code === code);

  it('every button does what it says', async () => {
    const title = () =>
      vmix.studio.inputs.find(({ title }) => title === 'Lower third')!.texts.map(({ value }) => value);
    press('lower third');
    await answer(({ payload }) => payload.function === 'SetText');
    assert.deepEqual(title(), ['Ada Lovelace', 'Role']);
    press('camera 2 in half a second');
    await waitFor(() => vmix.studio.active === 3);
    press('QuickPlay');
    await waitFor(() => vmix.studio.active === 1);
    press('Fdae');
    assert.match((await fault('VMIX_FUNCTION_UNKNOWN')).error.message as string, /Did you mean Fade/);
    press('ScriptStart');
    await fault('VMIX_SCRIPTS_FORBIDDEN');
    press('a list');
    const { payload } = await answer(({ payload }) => Array.isArray(payload));
    assert.equal(payload.length, 4);
    assert.deepEqual(title(), ['Grace Hopper', 'Role']);
    await waitFor(() => vmix.studio.active === 2);
  });

  it('hears what it asks for, and makes a sentence of the tally', async () => {
    press('FadeToBlack');
    const black = await next(named('raw event').id, ({ topic }) => topic === 'FadeToBlack');
    assert.equal(black.payload.value, 1);
    press('camera 2 in half a second');
    const words = named('which inputs are on air');
    const tally = await next(words.id, ({ payload }) => payload.inputs[2] === 'program');
    // as the function node would run it
    const said = runInNewContext(`(function (msg) { ${String(words.func)} })(msg)`, { msg: tally }) as Msg;
    assert.equal(said.payload, 'on air: 3; in the preview: 1');
    assert.equal(heardBy(named('fault').id).length, 0);
  });
});
