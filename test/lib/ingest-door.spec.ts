// The door of our own ingest: what a gate is asked and told of who publishes. The ingest is on paper.
import assert from 'node:assert/strict';
import { Emitter } from '../../lib/connection/emitter';
import { IngestDoor } from '../../lib/gate/ingest-door';
import type { Rules } from '../../lib/gate/types';
import type { Hook } from '../../lib/media-servers/types';
import type { Feed, Ingest, IngestEvent, PublishAdmission } from '../../lib/rtmp/types';
import { waitFor } from '../support';

/** How often the door asks again here, in milliseconds. */
const UPDATE_MS = 20;

class PaperIngest {
  readonly events = new Emitter<IngestEvent>();
  readonly there: Feed[] = [];
  readonly kicked: string[] = [];
  guards: PublishAdmission[] = [];
  readonly ingest = {
    feeds: () => this.there,
    onEvent: (listener: (event: IngestEvent) => void) => this.events.add(listener),
    onStatus: () => () => undefined,
    status: () => ({ listening: true, fault: null, port: 1935, guarded: true }),
    guard: (admission: PublishAdmission) => {
      this.guards.push(admission);
      return () => void (this.guards = this.guards.filter((one) => one !== admission));
    },
    kick: (connectionId: string) => {
      this.kicked.push(connectionId);
      return true;
    },
  } as unknown as Ingest;

  ask(connectionId: string, key = 'k'): Promise<unknown> {
    const params = new Map([['key', key]]);
    const request = {
      app: 'live',
      stream: 'anna',
      params,
      connectionId,
      address: '127.0.0.1',
      secure: false,
    };
    return Promise.resolve(this.guards[0]!(request, 500));
  }

  publishing(connectionId: string): Feed {
    const feed = { app: 'live', stream: 'anna', connectionId } as Feed;
    this.there.push(feed);
    return feed;
  }
}

describe('the door of the ingest', () => {
  let paper: PaperIngest;
  let door: IngestDoor;
  let heard: [action: string, clientId: string | null][];
  let mayStay: boolean;

  const rules = (): Rules => ({
    playsFreely: true,
    stranger: () => undefined,
    rule: ({ action, clientId, params }: Hook) => {
      heard.push([action, clientId]);
      if (action === 'publish' && params.get('key') !== 'k')
        return { decision: { allow: false, reason: 'denied' }, isGuess: params.get('key') !== 'not now' };
      if (action === 'update' && !mayStay) return { decision: { allow: false, reason: 'denied' } };
      return { decision: { allow: true }, name: 'Anna' };
    },
  });
  const told = (action: string) => heard.filter(([one]) => one === action).map(([, clientId]) => clientId);

  beforeEach(() => {
    paper = new PaperIngest();
    heard = [];
    mayStay = true;
    door = new IngestDoor(
      { value: paper, release: () => undefined },
      (error) => assert.fail(String(error)),
      UPDATE_MS,
    );
  });
  afterEach(() => door.close());

  it('asks the gate, tells it of an end once, and takes its guard away when it closes', async () => {
    door.attach(rules());
    assert.deepEqual(await paper.ask('c1'), { allow: true, name: 'Anna' });
    const denied = { allow: false, why: 'gate', reason: 'denied' };
    assert.deepEqual(await paper.ask('c2', 'wrong'), { ...denied, isGuess: true });
    assert.deepEqual(await paper.ask('c3', 'not now'), { ...denied, isGuess: false });
    const feed = paper.publishing('c1');
    paper.events.tell({ what: 'away', feed, reason: 'cut off', expected: false });
    paper.events.tell({ what: 'left', feed, reason: 'cut off', expected: false });
    await waitFor(() => told('unpublish').length > 0);
    assert.deepEqual(told('unpublish'), ['c1'], 'who was never let in has not left either');
    await door.close();
    assert.equal(paper.guards.length, 0);
  });

  it('whom another guard denied has left for the gate', async () => {
    door.attach(rules());
    await paper.ask('c1');
    const request = { stream: 'anna', app: 'live', address: '127.0.0.1', connectionId: 'c1' };
    paper.events.tell({ what: 'denied', why: 'full', reason: '10 publish already', ...request });
    await waitFor(() => told('unpublish').join() === 'c1');
  });

  it('who may stay no longer is put out', async () => {
    door.attach(rules());
    await paper.ask('c1');
    paper.publishing('c1');
    await waitFor(() => told('update').length > 1);
    assert.deepEqual(paper.kicked, []);
    mayStay = false;
    await waitFor(() => paper.kicked.includes('c1'));
  });

  it('who asks while no gate stands waits for the next one; without one he is denied, and nobody is cut off', async () => {
    const asked = paper.ask('c1');
    const detach = door.attach(rules());
    assert.deepEqual(await asked, { allow: true, name: 'Anna' });
    paper.publishing('c1');
    detach();
    assert.deepEqual(await paper.ask('c2'), { allow: false, why: 'gate', reason: 'denied', isGuess: false });
    assert.deepEqual(paper.kicked, []);
  });
});
