// A connection to any application: refused, not there yet, lost and back.
import assert from 'node:assert/strict';
import { waitFor } from '../../support';
import { rejected } from '../drive';
import { capability } from './play';
import { code, connected, disconnected } from './stage';

capability('a connection', [], (scenario) => {
  scenario('is told once, with what answers', async (stage) => {
    const { app, events, log } = await stage.open();
    assert.equal(app.kind, stage.application);
    assert.equal(app.status().state, 'ready');
    assert.equal(app.status().fault, null);
    const [first, ...others] = events.filter(({ output }) => output === null);
    assert.equal(first?.event, connected(stage));
    assert.deepEqual([first?.state, first?.cause, first?.expected], ['ready', 'event', null]);
    assert.equal(typeof first?.payload.where, 'string');
    assert.match(String(first?.payload[`${stage.application}Version`]), /^\d+\.\d+/);
    assert.deepEqual(others, []);
    assert.equal(log.length, 1, log.join('\n'));
    const present = app.events.present();
    assert.equal(present[0]?.event, connected(stage));
    assert.deepEqual(present[0]?.payload, first?.payload);
    assert.ok(present.every(({ cause }) => cause === 'startup'));
  });

  scenario('with a wrong password is refused for good, and says no password', async (stage) => {
    const wrong = 'hunter2hunter2';
    const { app, events, log, closeQuickly } = await stage.open({ ready: false, password: wrong });
    await waitFor(() => app.status().state === 'refused');
    const fault = await rejected(app.whenReady(10_000), code(stage, 'WRONG_PASSWORD'));
    assert.equal((app.status().fault as { code?: string } | null)?.code, fault.code);
    assert.deepEqual(events, []);
    const all = JSON.stringify([fault, fault.message, log]);
    assert.ok(!all.includes(wrong) && !all.includes(stage.password));
    await closeQuickly();
  });

  scenario('without a password that is wanted is refused for good', async (stage) => {
    const { app } = await stage.open({ ready: false, password: '' });
    await waitFor(() => app.status().state === 'refused');
    await rejected(app.whenReady(0), code(stage, 'PASSWORD_MISSING'), code(stage, 'WRONG_PASSWORD'));
  });

  scenario('to one that is not there waits, says so once, and finds it later', async (stage) => {
    await stage.machine.crash();
    const { app, events, log } = await stage.open({ ready: false });
    await waitFor(() => app.status().state === 'waiting');
    const refused = [code(stage, 'REFUSED'), code(stage, 'CONTAINER_LOOPBACK')];
    const began = performance.now();
    await rejected(app.whenReady(0), ...refused);
    assert.ok(performance.now() - began < 3000, 'not at once');
    await rejected(app.whenReady(600), ...refused);
    assert.ok(log.length <= 2, log.join('\n'));
    assert.deepEqual(events, []);
    await stage.machine.comeBack();
    await app.whenReady(60_000);
    assert.deepEqual(
      events.map(({ event }) => event),
      [connected(stage)],
    );
  });

  scenario('that is lost and comes back is told as that, and nothing else happened', async (stage) => {
    const { app, told, names, events } = await stage.open();
    const states: string[] = [];
    app.onStatus(({ state }) => states.push(state));
    await stage.machine.crash();
    const lost = await told(disconnected(stage));
    assert.deepEqual([lost.previous, lost.state, lost.expected], ['ready', 'disconnected', null]);
    assert.deepEqual(Object.keys(lost.payload).sort(), ['code', 'message', 'recording', 'stream', 'where']);
    assert.deepEqual([lost.payload.stream, lost.payload.recording], ['idle', 'idle']);
    assert.match(String(lost.payload.code), /^(OBS|VMIX)_/);
    await stage.machine.comeBack();
    await app.whenReady(60_000);
    await told(connected(stage), { from: events.indexOf(lost) });
    assert.deepEqual(names(), []);
    // the same state once more has another fault: the socket broke, then nothing listened
    const shown = states.filter((state) => state !== 'connecting' && state !== 'waiting');
    assert.deepEqual(
      shown.filter((state, at) => state !== shown[at - 1]),
      ['disconnected', 'ready'],
    );
  });

  scenario(
    'closed while it connects, waits, is refused or is lost goes at once, twice too',
    async (stage) => {
      const atOnce = await stage.open({ ready: false });
      await atOnce.closeQuickly();
      await atOnce.closeQuickly();
      const refused = await stage.open({ ready: false, password: 'wrong' });
      await waitFor(() => refused.app.status().state === 'refused');
      await refused.closeQuickly();
      const lost = await stage.open();
      await stage.machine.crash();
      await waitFor(() => lost.app.status().state !== 'ready');
      await lost.closeQuickly();
      assert.equal(lost.app.status().state, 'closed');
      const waits = await stage.open({ ready: false });
      await waitFor(() => waits.app.status().state === 'waiting');
      const later = waits.app.whenReady(60_000);
      later.catch(() => undefined);
      await waits.closeQuickly();
      await rejected(later, code(stage, 'NOT_CONNECTED'), code(stage, 'CLOSED'));
      await stage.machine.comeBack();
    },
  );

  scenario('that somebody else has too is told in both, and closed in one', async (stage) => {
    const [one, two] = [await stage.open(), await stage.open()];
    await one.closeQuickly();
    assert.equal(two.app.status().state, 'ready');
    assert.equal(one.app.status().state, 'closed');
    assert.ok(!one.events.some(({ event }) => event === disconnected(stage)), 'a close is no loss');
  });

  scenario(
    'to one that is frozen is noticed, and closed at once',
    async (stage) => {
      const [one, two] = [await stage.open(), await stage.open()];
      stage.machine.freeze();
      stage.cleanUp(() => stage.machine.thaw());
      await two.closeQuickly();
      await one.told(disconnected(stage), { timeoutMs: 60_000 });
      const from = one.events.length;
      stage.machine.thaw();
      await one.told(connected(stage), { from, timeoutMs: 60_000 });
      assert.deepEqual(one.names(), []);
    },
    ['freeze'],
  );
});
