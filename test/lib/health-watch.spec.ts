// A watch ties the rules to the readings of an application: what it keeps over a deploy, and how an alert gets its picture.
import assert from 'node:assert/strict';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import type { HealthAlert } from '../../lib/health/types';
import {
  HealthWatch,
  PICTURE_MS,
  type HealthListener,
  type Monitor,
  type ToldAlert,
} from '../../lib/health/watch';
import type { Application } from '../../lib/production/application';
import type { HealthSample, HealthWish } from '../../lib/production/health';
import type { Picture } from '../../lib/production/pictures';
import type { ProductionEvent } from '../../lib/production/vocabulary';
import { hold } from '../../lib/secrets';
import { waitFor } from '../support/wait';

const WISH: HealthWish = { everyMs: 1_000, pictureEveryMs: null, sound: false, media: [] };
const PICTURE: Picture = {
  data: Buffer.from('jpg'),
  source: 'Live',
  format: 'jpg',
  contentType: 'image/jpeg',
  width: 960,
  height: null,
  takenAt: '2026-01-01T19:00:00.000Z',
};

const alertOf = (id: string, more: Partial<HealthAlert> = {}): HealthAlert => ({
  id,
  cause: 'stream',
  subject: null,
  severity: 'critical',
  worst: 'critical',
  since: '2026-01-01T19:00:00.000Z',
  until: null,
  durationMs: 3_000,
  acknowledged: false,
  rules: [],
  title: 'The server is not reached.',
  change: 'opened',
  at: '2026-01-01T19:00:03.000Z',
  verdict: 'critical',
  score: 40,
  detail: '',
  advice: '',
  subjectLine: `alert ${id}`,
  text: '',
  ...more,
});

/** An application of which a watch uses three things. */
class FakeApplication {
  kind = 'obs';
  name = 'Studio';
  readonly announced: [string, Record<string, unknown>, Partial<ProductionEvent>][] = [];
  hear: ((sample: HealthSample) => void) | null = null;
  watchers = 0;
  asked = 0;
  sources: (string | null)[] = [];
  take: () => Promise<Picture> = () => Promise.resolve(PICTURE);
  readonly health = {
    watch: (_wish: HealthWish, listener: (sample: HealthSample) => void) => {
      this.watchers++;
      this.hear = listener;
      return () => void this.watchers--;
    },
  };
  readonly pictures = {
    take: ({ source }: { source: string | null }) => {
      this.asked++;
      this.sources.push(source);
      return this.take();
    },
  };
  announce(event: string, payload: Record<string, unknown>, more: Partial<ProductionEvent>): void {
    this.announced.push([event, payload, more]);
  }
  get application(): Application {
    return this as unknown as Application;
  }
}

describe('a health watch', () => {
  let obs: FakeApplication;
  let found: HealthAlert[];
  let watch: HealthWatch;
  let told: { alert: ToldAlert; event: ProductionEvent; picture: Picture | null }[];
  let place = '';
  const monitor = {
    rename: (name: string) => void (place = name),
    sample: () => found.splice(0),
    snooze: () => found.splice(0),
    acknowledge: () => found.splice(0),
    report: () => ({ verdict: 'ok', unknown: {} }),
    history: () => ({}),
    status: () => ({ snoozedUntil: null }),
  } as unknown as Monitor;
  const listener = (pictures = false): HealthListener => ({
    pictures,
    alert: (alert, event, picture) => void told.push({ alert, event, picture }),
    reading: () => undefined,
  });
  const read = (...alerts: HealthAlert[]) => {
    found = alerts;
    obs.hear!({ atMs: now() } as HealthSample);
  };
  const ids = () => told.map(({ alert }) => alert.id);

  beforeEach(() => {
    obs = new FakeApplication();
    found = [];
    told = [];
    watch = new HealthWatch(monitor, WISH);
  });
  afterEach(() => watch.close());

  it('tells each alert once, and everybody else by an event without pictures', () => {
    watch.attach(obs.application, listener());
    read(alertOf('a'));
    assert.deepEqual(ids(), ['a']);
    const [[event, payload, more] = []] = obs.announced;
    assert.equal(event, 'health_alert');
    assert.equal(payload!.id, 'a');
    assert.ok(!('pictureMissing' in payload!));
    assert.deepEqual(
      [more!.state, more!.previous, more!.output, more!.expected, more!.cause],
      ['critical', 'ok', 'stream', false, 'poll'],
    );
  });

  it('knows what a fault was before', () => {
    watch.attach(obs.application, listener());
    read(alertOf('a', { severity: 'degraded', cause: 'computer' }));
    read(alertOf('a', { change: 'worsened', cause: 'computer' }));
    read(alertOf('a', { change: 'recovered', cause: 'computer' }));
    assert.deepEqual(
      obs.announced.map(([event, , { state, previous, output }]) => [event, state, previous, output]),
      [
        ['health_alert', 'degraded', 'ok', null],
        ['health_alert', 'critical', 'degraded', null],
        ['health_recovered', 'ok', 'critical', null],
      ],
    );
  });

  it('goes on reading between two nodes, and tells the next one what it found, in order and bounded', () => {
    const release = watch.attach(obs.application, listener());
    release();
    for (let nr = 0; nr < 60; nr++) read(alertOf(String(nr)));
    assert.deepEqual(ids(), []);
    assert.equal(obs.announced.length, 0, 'nobody could hear it');
    watch.attach(obs.application, listener());
    assert.equal(told.length, 50);
    assert.equal(ids().at(-1), '59');
    assert.equal(obs.announced.length, 50);
    assert.equal(obs.watchers, 1);
  });

  it('a node that came late to its end does not silence the next', () => {
    const first = watch.attach(obs.application, listener());
    watch.attach(obs.application, listener());
    first();
    read(alertOf('a'));
    assert.deepEqual(ids(), ['a']);
  });

  it('follows a new connection object of the same node, and its new name', () => {
    watch.attach(obs.application, listener());
    assert.equal(place, 'Studio');
    const next = new FakeApplication();
    next.name = 'Chapel';
    watch.attach(next.application, listener());
    assert.equal(place, 'Chapel');
    assert.deepEqual([obs.watchers, next.watchers], [0, 1]);
  });

  it('one picture for alerts that come together', async () => {
    watch.attach(obs.application, listener(true));
    read(alertOf('a'), alertOf('b'));
    assert.deepEqual(ids(), [], 'the picture comes first');
    await waitFor(() => told.length === 2);
    assert.deepEqual(ids(), ['a', 'b']);
    assert.ok(told.every(({ picture, alert }) => picture === PICTURE && alert.pictureMissing === null));
    assert.equal(obs.asked, 1);
    assert.equal(obs.announced.length, 2);
  });

  it('of an ingest it is of the stream that is meant, and the event says which', async () => {
    obs.kind = 'ingest';
    const attached = watch.attach(obs.application, listener(true));
    const black = { cause: 'picture', subject: 'anna' } as const;
    read(alertOf('a', black), alertOf('b', black), alertOf('c', { subject: 'ben' }));
    await waitFor(() => told.length === 3);
    assert.deepEqual(obs.sources, ['anna', 'ben']);
    assert.deepEqual(
      told.map(({ event }) => event.output),
      ['anna', 'anna', 'ben'],
    );
    attached();
    await watch.close();
    watch = new HealthWatch(monitor, { ...WISH, stream: 'cleo' });
    watch.attach(obs.application, listener(true));
    read(alertOf('d', { cause: 'connection' }));
    await waitFor(() => told.length === 4);
    assert.equal(obs.sources.at(-1), 'cleo');
  });

  it('no picture, no secret of the reason, and the alert all the same', async () => {
    const release = hold('sekrit-words');
    obs.take = () => Promise.reject(fail('OBS_REJECTED', { action: 'x', reason: 'sekrit-words' }));
    watch.attach(obs.application, listener(true));
    read(alertOf('a', { title: 'sekrit-words' }));
    await waitFor(() => told.length === 1);
    release();
    assert.equal(told[0]!.picture, null);
    assert.match(told[0]!.alert.pictureMissing!, /refused/);
    assert.ok(!JSON.stringify([told, obs.announced]).includes('sekrit'));
  });

  it('a picture that never comes holds an alert back so long, and those behind it no longer', async () => {
    assert.equal(PICTURE_MS, 5_000);
    watch = new HealthWatch(monitor, WISH, 1_500);
    let end: (picture: Picture) => void = () => undefined;
    obs.take = () => new Promise((resolve) => (end = resolve));
    watch.attach(obs.application, listener(true));
    const before = now();
    read(alertOf('a'));
    assert.equal(obs.announced.length, 1, 'an event waits for no picture');
    read(alertOf('b', { change: 'recovered' }));
    await waitFor(() => told.length === 2);
    const took = now() - before;
    assert.ok(took > 1_400 && took < 2_900, `${Math.round(took)} ms`);
    assert.deepEqual(ids(), ['a', 'b']);
    assert.match(told[0]!.alert.pictureMissing!, /within 1.5 s/);
    assert.equal(obs.asked, 1, 'an OBS that is stuck is not asked again');
    end(PICTURE);
  });

  it('a closed one tells nothing more, not even when its picture comes', async () => {
    let end: (picture: Picture) => void = () => undefined;
    obs.take = () => new Promise((resolve) => (end = resolve));
    watch.attach(obs.application, listener(true));
    read(alertOf('a'));
    await watch.close();
    end(PICTURE);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(ids(), []);
    assert.equal(obs.watchers, 0);
  });

  it('a deploy while the picture is taken: the next node tells it', async () => {
    let end: (picture: Picture) => void = () => undefined;
    obs.take = () => new Promise((resolve) => (end = resolve));
    const release = watch.attach(obs.application, listener(true));
    read(alertOf('a'));
    release();
    end(PICTURE);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(ids(), []);
    watch.attach(obs.application, listener(true));
    assert.deepEqual(ids(), ['a']);
    assert.equal(told[0]!.picture, PICTURE);
    assert.equal(obs.announced.length, 1);
  });

  it('what was found while nobody listened gets its picture when the next node wishes one', async () => {
    watch.attach(obs.application, listener())();
    read(alertOf('a'));
    watch.attach(obs.application, listener(true));
    await waitFor(() => told.length === 1);
    assert.equal(told[0]!.picture, PICTURE);
  });

  it('what the end of a snooze brings is told too', () => {
    watch.attach(obs.application, listener());
    found = [alertOf('late')];
    assert.deepEqual(watch.snooze(0), { snoozedUntil: null });
    assert.deepEqual(ids(), ['late']);
  });

  it('an application that cannot be watched is a coded error', () => {
    const none = { kind: 'vmix', health: null } as unknown as Application;
    assert.throws(() => watch.attach(none, listener()), { code: 'CAPABILITY_MISSING' });
  });
});
