import { Emitter } from '../connection/emitter';
import type { Release } from '../production/application';
import type { PortChange } from '../switching/port';
import type { ObsClient } from './client';
import type { BatchRequest, RequestData } from './session';
import { number, text } from './values';

/**
 * After the answer to a change of ours, its event may still come: OBS sends events from several threads (measured: up to some tens of
 * milliseconds later). One that does not come by then was none, as where an item had that state already.
 */
const LATE_MS = 2000;

type ItemEnabled = Extract<PortChange, { change: 'item-enabled' }>;

interface Expected {
  scene: string;
  itemId: number;
  enabled: boolean;
  /** null while the change is under way */
  untilMs: number | null;
}

/** What OBS tells that matters to a switch, and which of it we caused. Hears nothing while nobody listens. */
export class ItemChanges {
  private readonly listeners: Emitter<PortChange>;
  private hearing: Release[] = [];
  private expected: Expected[] = [];
  /** items that are being made have no number yet: what is told of their scene waits */
  private making = 0;
  private waiting: Omit<ItemEnabled, 'ours'>[] = [];
  private ready: boolean;

  constructor(
    private readonly client: ObsClient,
    onListenerError: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.listeners = new Emitter(onListenerError);
    this.ready = client.status.state === 'ready';
  }

  add(listener: (change: PortChange) => void): Release {
    if (this.listeners.size === 0) this.hear();
    const release = this.listeners.add(listener);
    return () => {
      release();
      if (this.listeners.size > 0) return;
      for (const stop of this.hearing.splice(0)) stop();
    };
  }

  /** Do what shows and hides items by these requests: their events are ours. */
  async causing<T>(scene: string, requests: readonly BatchRequest[], work: () => Promise<T>): Promise<T> {
    const mine = requests.flatMap(({ requestType, requestData }): Expected[] => {
      const itemId = number(requestData?.sceneItemId);
      const enabled = requestData?.sceneItemEnabled;
      if (requestType !== 'SetSceneItemEnabled' || itemId === null || typeof enabled !== 'boolean') return [];
      return [{ scene, itemId, enabled, untilMs: null }];
    });
    this.expected.push(...mine);
    try {
      return await work();
    } finally {
      for (const one of mine) one.untilMs = this.now() + LATE_MS;
    }
  }

  /** Make an item hidden: OBS tells that as a hiding, and before it tells the item's number (measured). */
  async whileMaking(scene: string, work: () => Promise<number>): Promise<number> {
    this.making++;
    try {
      const itemId = await work();
      this.expected.push({ scene, itemId, enabled: false, untilMs: this.now() + LATE_MS });
      return itemId;
    } finally {
      this.making--;
      if (this.making === 0) for (const one of this.waiting.splice(0)) this.tellEnabled(one);
    }
  }

  private hear(): void {
    const { client } = this;
    this.ready = client.status.state === 'ready';
    const on = (event: string, change: (data: RequestData) => PortChange | null) =>
      client.on(event, (data) => {
        const told = change(data);
        if (told) this.listeners.tell(told);
      });
    this.hearing = [
      client.onStatus(({ state }) => this.onConnection(state === 'ready')),
      on('ExitStarted', () => ({ change: 'exiting' })),
      on('CurrentSceneCollectionChanged', () => ({ change: 'collection' })),
      on('SceneNameChanged', ({ oldSceneName, sceneName }) => {
        const [from, to] = [text(oldSceneName), text(sceneName)];
        return from !== null && to !== null ? { change: 'scene-renamed', from, to } : null;
      }),
      on('SceneRemoved', ({ sceneName }) => {
        const scene = text(sceneName);
        return scene === null ? null : { change: 'scene-removed', scene };
      }),
      on('MediaInputPlaybackEnded', ({ inputName }) => {
        const source = text(inputName);
        return source === null ? null : { change: 'playback-ended', source };
      }),
      on('InputRemoved', ({ inputName }) => removed(inputName)),
      // under another name it is the user's
      on('InputNameChanged', ({ oldInputName }) => removed(oldInputName)),
      client.on('SceneItemEnableStateChanged', (data) => this.onEnabled(data)),
    ];
  }

  private onConnection(ready: boolean): void {
    if (ready === this.ready) return;
    this.ready = ready;
    this.expected = [];
    this.waiting = [];
    this.listeners.tell({ change: ready ? 'ready' : 'lost' });
  }

  private onEnabled({ sceneName, sceneItemId, sceneItemEnabled }: RequestData): void {
    const [scene, itemId] = [text(sceneName), number(sceneItemId)];
    if (scene === null || itemId === null || typeof sceneItemEnabled !== 'boolean') return;
    const told = { change: 'item-enabled', scene, itemId, enabled: sceneItemEnabled } as const;
    if (this.making > 0) this.waiting.push(told);
    else this.tellEnabled(told);
  }

  private tellEnabled(told: Omit<ItemEnabled, 'ours'>): void {
    const now = this.now();
    this.expected = this.expected.filter(({ untilMs }) => untilMs === null || untilMs >= now);
    const at = this.expected.findIndex(
      ({ scene, itemId, enabled }) =>
        scene === told.scene && itemId === told.itemId && enabled === told.enabled,
    );
    if (at >= 0) this.expected.splice(at, 1);
    this.listeners.tell({ ...told, ours: at >= 0 });
  }
}

function removed(name: unknown): PortChange | null {
  const source = text(name);
  return source === null ? null : { change: 'source-removed', source };
}
