import type { BatchRequest, RequestData } from './session';
import { number, object, objects } from './values';

/** The filter that makes a source transparent while a crossfade runs; nobody else's has this name. */
export const FADE_FILTER = 'live production crossfade';
/** Opacity from 0 to 1; its first version counted to 100. */
export const FADE_KIND = 'color_filter_v2';
/** In the filter's settings: the volumes to put back, should the crossfade not come to its end. */
const KEPT_KEY = '_live_volumes';
/** More steps nobody sees, and each costs the graphics thread time. */
const MOST_STEPS = 100;

/** Volumes as factors, by the name of the source. */
export type Volumes = Readonly<Record<string, number>>;

export interface FadePlan {
  scene: string;
  fresh: { name: string; itemId: number };
  old: { name: string; itemId: number };
  ms: number;
  /** of the canvas */
  fps: number;
  /** the upper one of the two gets transparent, or loses it */
  freshIsAbove: boolean;
  /** as they are before the crossfade, and as they have to be for each of them whatever becomes of it */
  volumes: Volumes;
}

/** The filter of a crossfade as it is made before: not to be seen yet. */
export function fadeFilter({ fresh, old, freshIsAbove, volumes }: FadePlan): BatchRequest {
  return {
    requestType: 'CreateSourceFilter',
    requestData: {
      sourceName: freshIsAbove ? fresh.name : old.name,
      filterName: FADE_FILTER,
      filterKind: FADE_KIND,
      filterSettings: {
        opacity: freshIsAbove ? 0 : 1,
        [KEPT_KEY]: Object.entries(volumes).map(([name, factor]) => ({ name, factor })),
      },
    },
  };
}

/** The volumes that a filter of ours says to put back; whoever wrote it. */
export function keptVolumes(settings: unknown): Volumes {
  const kept = objects(object(settings)[KEPT_KEY]).flatMap(({ name, factor }) => {
    const value = number(factor);
    // the range that OBS takes
    return typeof name === 'string' && value !== null && value >= 0 && value <= 20
      ? [[name, value] as const]
      : [];
  });
  return Object.fromEntries(kept);
}

/**
 * The steps of a crossfade, one frame or some apart: opacity in a straight line, volumes with equal power, so that the sum is as loud all
 * the way. At its end the old one is hidden, and the new one has exactly its own volume.
 */
export function fadeSteps(plan: FadePlan): BatchRequest[] {
  const { scene, fresh, old, fps, freshIsAbove, volumes } = plan;
  const frames = Math.max(1, Math.round((plan.ms * fps) / 1000));
  const steps = Math.min(frames, MOST_STEPS);
  const upper = freshIsAbove ? fresh.name : old.name;
  const requests: BatchRequest[] = [];
  let slept = 0;
  for (let step = 1; step <= steps; step++) {
    const part = step / steps;
    const angle = (part * Math.PI) / 2;
    const due = Math.round(part * frames);
    requests.push(
      {
        requestType: 'SetSourceFilterSettings',
        requestData: {
          sourceName: upper,
          filterName: FADE_FILTER,
          filterSettings: { opacity: freshIsAbove ? part : 1 - part },
        },
      },
      volume(old.name, (volumes[old.name] ?? 1) * (step === steps ? 0 : Math.cos(angle))),
      volume(fresh.name, (volumes[fresh.name] ?? 1) * (step === steps ? 1 : Math.sin(angle))),
      { requestType: 'Sleep', requestData: { sleepFrames: due - slept } },
    );
    slept = due;
  }
  return [...requests, enabled(scene, old.itemId, false), volume(fresh.name, volumes[fresh.name] ?? 1)];
}

/** Volume as a factor. */
export function volume(inputName: string, factor: number): BatchRequest {
  return { requestType: 'SetInputVolume', requestData: { inputName, inputVolumeMul: factor } };
}

/** Show or hide an item. */
export function enabled(sceneName: string, sceneItemId: number, on: boolean): BatchRequest {
  return {
    requestType: 'SetSceneItemEnabled',
    requestData: { sceneName, sceneItemId, sceneItemEnabled: on } satisfies RequestData,
  };
}

/** The steps before: the new one shown under the old one, or unseen above it, long enough to have a picture. */
export function showUnder(
  scene: string,
  fresh: { name: string; itemId: number },
  frames: number,
): BatchRequest[] {
  return [
    enabled(scene, fresh.itemId, true),
    { requestType: 'Sleep', requestData: { sleepFrames: Math.max(1, Math.round(frames)) } },
  ];
}
