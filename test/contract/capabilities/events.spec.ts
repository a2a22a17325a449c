// The same evening on any application is told in the same words, in the same order.
import assert from 'node:assert/strict';
import { capability } from './play';
import { connected, disconnected } from './stage';

capability('an evening', ['streams', 'recorder', 'scenes'], (scenario) => {
  scenario('is told in the same words', async (stage) => {
    const { app, events, told } = await stage.open();
    const { scenes, program } = await app.scenes!.list();
    const other = scenes.find((name) => name !== program)!;
    await app.recorder!.start({});
    await told('recording_started');
    await app.streams!.start(stage.to(stage.good));
    await told('stream_started');
    await app.scenes!.switchTo({ scene: other, to: 'program' });
    await told('scene_changed');
    await app.streams!.stop();
    await told('stream_stopped');
    await app.recorder!.stop();
    await told('recording_stopped');
    await stage.machine.show(program!);
    await told('scene_changed', { from: events.findIndex(({ event }) => event === 'recording_stopped') });
    await stage.machine.quit();
    await told(disconnected(stage));
    const story = events.map(({ event, output, expected, state, cause }) => [
      event.replace(/^(obs|vmix)_/, ''),
      output === stage.stream ? 'stream' : output,
      event === 'scene_changed' ? null : expected,
      state === other ? 'the other' : state === program ? 'the first' : state,
      cause === 'poll' ? 'event' : cause,
    ]);
    assert.deepEqual(story, [
      ['connected', null, null, 'ready', 'event'],
      ['recording_started', 'recording', true, 'recording', 'event'],
      ['stream_starting', 'stream', true, 'starting', 'event'],
      ['stream_started', 'stream', true, 'live', 'event'],
      ['scene_changed', null, null, 'the other', 'event'],
      ['stream_stopped', 'stream', true, 'idle', 'event'],
      ['recording_stopped', 'recording', true, 'idle', 'event'],
      ['scene_changed', null, null, 'the first', 'event'],
      ['disconnected', null, null, 'disconnected', 'event'],
    ]);
    for (const event of events) {
      assert.match(event.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.deepEqual(Object.keys(event).sort(), [
        ...['at', 'cause', 'event', 'expected', 'output', 'payload', 'previous', 'state'],
      ]);
    }
    const times = events.map(({ at }) => at);
    assert.deepEqual(times, [...times].sort(), 'in their order');
    assert.ok(!JSON.stringify(events).includes(stage.key));
    await stage.machine.comeBack();
    await told(connected(stage), { from: story.length, timeoutMs: 60_000 });
    assert.deepEqual(
      events.slice(story.length).map(({ event }) => event),
      [connected(stage)],
      'nothing was running',
    );
  });
});
