import { pause } from '../connection/deadline';
import type { Placed, SwapAnswer, SwapPlan } from '../switching/port';
import type { ObsClient } from './client';
import type { BatchRequest, BatchResult } from './session';
import { reasonOf } from './status-codes';
import type { ItemChanges } from './switch-changes';
import {
  enabled,
  FADE_FILTER,
  fadeFilter,
  fadeSteps,
  keptVolumes,
  showUnder,
  volume,
  type FadePlan,
  type Volumes,
} from './switch-fade';
import { answerIn, askAll, isGone, refused } from './switch-ask';
import { madeAt } from './switch-owner';
import { number, objects, text } from './values';

/** `RequestBatchExecutionType` of the protocol: in the graphics thread, in step with the frames. */
const SERIAL_FRAME = 1;
/** What a batch may take beyond its sleeps: an OBS that draws no frame never answers one. */
const BATCH_MS = 3000;
/** After a take in studio mode, until the old one is off air; above its transition. */
const TAKE_MS = 2000;
const TAKE_LOOK_MS = 100;
const DONE: SwapAnswer = { complete: true, oldGone: false, reason: null };

export interface SwapTools {
  client: ObsClient;
  changes: ItemChanges;
  /** null: not known */
  studioMode: () => boolean | null;
}

/** Swaps two sources in step with the frames, and takes back what a crossfade that was cut short left behind. */
export class ObsSwaps {
  /** of crossfades that did not come to their end: the volumes to put back */
  private readonly unfinished = new Map<string, number>();

  constructor(private readonly tools: SwapTools) {}

  async swap(plan: SwapPlan): Promise<SwapAnswer> {
    const { old, transition } = plan;
    const answer =
      old && transition.kind === 'crossfade'
        ? await this.crossfade(plan, old, transition.ms)
        : await this.cut(plan);
    if (!answer.complete) return answer;
    const reason = await this.take(plan.scene, plan.fresh);
    return reason === null ? answer : { ...answer, complete: false, reason };
  }

  /** Show or hide an item, opaque and as loud as it was before any crossfade. */
  async show(scene: string, source: Placed, on: boolean): Promise<void> {
    const change = enabled(scene, source.itemId, on);
    const requests = [...(on ? await this.healing(source.name) : []), change];
    const results = await this.tools.changes.causing(scene, [change], () =>
      askAll(this.tools.client, requests),
    );
    const shown = results[results.length - 1];
    if (!answerIn(shown)) throw refused(on ? 'to show the source' : 'to hide the source', shown);
    this.unfinished.delete(source.name);
    if (on) await this.take(scene, source);
  }

  /** What a crossfade of ours that was cut short left on this source, taken back. */
  async heal(name: string): Promise<void> {
    if (!this.unfinished.has(name)) return;
    const requests = await this.healing(name);
    if (requests.length > 0) await askAll(this.tools.client, requests);
    this.unfinished.delete(name);
  }

  /** The same for several, of which each may know what is to be put back of another: whoever ran that crossfade is gone. */
  async healAll(names: readonly string[]): Promise<void> {
    const { client } = this.tools;
    const found = await askAll(
      client,
      names.map((sourceName) => ({
        requestType: 'GetSourceFilter',
        requestData: { sourceName, filterName: FADE_FILTER },
      })),
    );
    const faded = names.filter((_, index) => answerIn(found[index]));
    if (faded.length === 0) return;
    const kept: Volumes = Object.fromEntries(
      found.flatMap((one) => Object.entries(keptVolumes(answerIn(one)?.filterSettings))),
    );
    await askAll(client, [
      ...faded.map((sourceName) => ({
        requestType: 'RemoveSourceFilter',
        requestData: { sourceName, filterName: FADE_FILTER },
      })),
      ...names.flatMap((name) => (kept[name] === undefined ? [] : [volume(name, kept[name])])),
    ]);
    for (const name of names) this.unfinished.delete(name);
  }

  private async cut({ scene, fresh, old, framesUnder }: SwapPlan): Promise<SwapAnswer> {
    const requests = old
      ? [...showUnder(scene, fresh, framesUnder), enabled(scene, old.itemId, false)]
      : [enabled(scene, fresh.itemId, true)];
    // the old one must not be hidden where the new one could not be shown
    return answerOf(requests, await this.inFrames(scene, requests, true));
  }

  private async crossfade(swap: SwapPlan, old: Placed, ms: number): Promise<SwapAnswer> {
    const { client } = this.tools;
    const { scene, fresh, framesUnder, fps } = swap;
    const [list, before, after] = await askAll(client, [
      { requestType: 'GetSceneItemList', requestData: { sceneName: scene } },
      { requestType: 'GetInputVolume', requestData: { inputName: old.name } },
      { requestType: 'GetInputVolume', requestData: { inputName: fresh.name } },
    ]);
    if (isGone(before)) return this.cut({ ...swap, old: null });
    const at = (id: number) =>
      number(objects(answerIn(list)?.sceneItems).find((item) => item.sceneItemId === id)?.sceneItemIndex) ??
      0;
    const volumes: Volumes = {
      [old.name]: number(answerIn(before)?.inputVolumeMul) ?? 1,
      [fresh.name]: number(answerIn(after)?.inputVolumeMul) ?? 1,
    };
    const freshIsAbove = at(fresh.itemId) > at(old.itemId);
    const plan: FadePlan = { scene, fresh, old, ms, fps, freshIsAbove, volumes };
    for (const [name, factor] of Object.entries(volumes)) this.unfinished.set(name, factor);
    const upper = freshIsAbove ? fresh.name : old.name;
    const removal: BatchRequest = {
      requestType: 'RemoveSourceFilter',
      requestData: { sourceName: upper, filterName: FADE_FILTER },
    };
    // one of an earlier crossfade may be left
    const [, made] = await askAll(client, [removal, fadeFilter(plan)]);
    const silent = volume(fresh.name, 0);
    const begin = [silent, ...showUnder(scene, fresh, framesUnder)];
    const first = answerIn(made)
      ? answerOf(begin, await this.inFrames(scene, begin, true))
      : { ...DONE, complete: false, reason: `no crossfade: ${wordsOf(made)}` };
    if (first.complete) {
      // from here on every step has to be done, whatever becomes of the one before: the end sets all right
      const steps = fadeSteps(plan);
      const results = await this.inFrames(scene, steps, false);
      const answer = fadeAnswer(steps, results);
      await this.tidy(removal, plan, answer.complete || answer.oldGone);
      return answer;
    }
    await this.tidy(removal, plan, false);
    return first;
  }

  /** Take the filter away, and give the old one its volume back, unseen by then: it may be shown once more. */
  private async tidy(removal: BatchRequest, { old, fresh, volumes }: FadePlan, done: boolean): Promise<void> {
    const back = Object.entries(volumes).map(([name, factor]) => volume(name, factor));
    await askAll(this.tools.client, [removal, ...back]);
    if (!done) return;
    this.unfinished.delete(old.name);
    this.unfinished.delete(fresh.name);
  }

  /** What takes an unfinished crossfade back from this source; nothing where there was none. */
  private async healing(name: string): Promise<BatchRequest[]> {
    // a source of the user's never had a part in one
    if (madeAt(name) === null) return [];
    const [filter] = await this.tools.client.batch([
      { requestType: 'GetSourceFilter', requestData: { sourceName: name, filterName: FADE_FILTER } },
    ]);
    const found = answerIn(filter);
    const kept = found ? keptVolumes(found.filterSettings) : {};
    const factor = this.unfinished.get(name) ?? kept[name];
    return [
      ...(found
        ? [
            {
              requestType: 'RemoveSourceFilter',
              requestData: { sourceName: name, filterName: FADE_FILTER },
            },
          ]
        : []),
      ...(factor === undefined ? [] : [volume(name, factor)]),
    ];
  }

  /** Only a cut waits for its turn: a crossfade would keep every other request waiting for as long as it lasts. */
  private inFrames(scene: string, requests: BatchRequest[], haltOnFailure: boolean): Promise<BatchResult[]> {
    const { client, changes } = this.tools;
    return changes.causing(scene, requests, () =>
      client.batch(
        requests,
        { executionType: SERIAL_FRAME, haltOnFailure },
        { ms: BATCH_MS, past: !haltOnFailure },
      ),
    );
  }

  /**
   * In studio mode the program shows a copy of its scene, which what is done to the scene does not reach (measured on OBS 29). Taking the
   * scene to program once more puts it on air, with the transition that is chosen there. Null: the source is on air, or its scene is not.
   */
  private async take(scene: string, source: Placed): Promise<string | null> {
    const { client, studioMode } = this.tools;
    if (studioMode() !== true) return null;
    const until = performance.now() + TAKE_MS;
    let preview: string | null = null;
    for (;;) {
      const [program, active, next] = await askAll(client, [
        { requestType: 'GetCurrentProgramScene' },
        { requestType: 'GetSourceActive', requestData: { sourceName: source.name } },
        { requestType: 'GetCurrentPreviewScene' },
      ]);
      if (text(answerIn(program)?.currentProgramSceneName) !== scene) return null;
      const onAir = answerIn(active)?.videoActive === true;
      if (onAir && preview === null) return null;
      const shown = text(answerIn(next)?.currentPreviewSceneName);
      // at its end OBS puts the scene that was on air into the preview, which is this one again
      if (onAir && shown !== preview) {
        await client.call('SetCurrentPreviewScene', { sceneName: preview });
        return null;
      }
      if (performance.now() > until)
        return onAir ? null : 'in studio mode the program shows a copy of the scene, and keeps it';
      if (preview === null) await client.call('SetCurrentProgramScene', { sceneName: scene });
      preview ??= shown ?? scene;
      await pause(TAKE_LOOK_MS);
    }
  }
}

/** The first step that OBS did not do, and whether it was never asked. */
function failed(
  requests: readonly BatchRequest[],
  results: readonly (BatchResult | undefined)[],
): { request: BatchRequest; result: BatchResult | undefined } | null {
  const at = requests.findIndex((_, index) => !answerIn(results[index]));
  const request = requests[at];
  return request ? { request, result: results[at] } : null;
}

function answerOf(requests: readonly BatchRequest[], results: readonly BatchResult[]): SwapAnswer {
  const fault = failed(requests, results);
  if (!fault) return DONE;
  const { request, result } = fault;
  const hides = request.requestData?.sceneItemEnabled === false;
  return {
    complete: false,
    oldGone: hides && isGone(result),
    reason: `${stepName(request)}: ${wordsOf(result)}`,
  };
}

/** Of a ramp only its end counts: the old one hidden, and the new one as loud as it has to be. */
function fadeAnswer(steps: readonly BatchRequest[], results: readonly BatchResult[]): SwapAnswer {
  return answerOf(steps.slice(-2), results.length === steps.length ? results.slice(-2) : []);
}

function stepName({ requestType, requestData }: BatchRequest): string {
  if (requestType !== 'SetSceneItemEnabled') return requestType;
  return requestData?.sceneItemEnabled === true ? 'showing the new source' : 'hiding the old source';
}

function wordsOf(result: BatchResult | undefined): string {
  if (!result) return 'OBS did not answer it';
  return reasonOf(result.requestStatus.code, result.requestStatus.comment);
}
