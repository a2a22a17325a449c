import { Emitter } from '../connection/emitter';
import { fail } from '../errors';
import type { Scenes, SceneSwitch } from '../production/application';
import type { ObsClient } from './client';
import type { EventHub } from '../production/event-hub';
import { refusedWith, type RequestData } from './session';
import { Status } from './status-codes';
import { untilChanged } from './until';
import { number, objects, text } from './values';

const SWITCH_MS = 3_000;
/** What OBS takes for a transition. */
const DURATION = { least: 50, most: 20_000 };

/** Scenes of an OBS: what is on air, and what comes next. */
export class ObsScenes implements Scenes {
  program: string | null = null;
  preview: string | null = null;
  studioMode: boolean | null = null;
  private readonly changed: Emitter<void>;

  constructor(
    private readonly client: ObsClient,
    private readonly hub: EventHub,
    onListenerError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onListenerError);
    client.on('CurrentProgramSceneChanged', (data) => this.onProgram(text(data.sceneName), 'event'));
    client.on('CurrentPreviewSceneChanged', (data) => {
      this.preview = text(data.sceneName);
      this.changed.tell();
    });
    client.on('StudioModeStateChanged', (data) => {
      this.studioMode = data.studioModeEnabled === true;
      if (!this.studioMode) this.preview = null;
    });
    client.on('SceneNameChanged', (data) => {
      // a scene that is renamed on air stays on air
      if (text(data.oldSceneName) === this.program) this.onProgram(text(data.sceneName), 'event');
    });
    hub.addPresent(() =>
      this.program === null
        ? []
        : [{ event: 'scene_changed', state: this.program, payload: { scene: this.program, from: null } }],
    );
  }

  resync(list: RequestData, studioMode: boolean | null): void {
    this.preview = text(list.currentPreviewSceneName);
    this.studioMode = studioMode;
    const program = text(list.currentProgramSceneName);
    if (this.program === null) this.program = program;
    else this.onProgram(program, 'resync');
  }

  lost(): void {
    this.changed.tell();
  }

  async list(): Promise<{ scenes: string[]; program: string | null; preview: string | null }> {
    const answer = await this.client.call('GetSceneList');
    // OBS lists from the bottom up; people read from the top
    const scenes = objects(answer.scenes)
      .sort((a, b) => (number(b.sceneIndex) ?? 0) - (number(a.sceneIndex) ?? 0))
      .map((scene) => text(scene.sceneName) ?? '');
    return {
      scenes,
      program: text(answer.currentProgramSceneName),
      preview: text(answer.currentPreviewSceneName),
    };
  }

  async transitions(): Promise<string[]> {
    const answer = await this.client.call('GetSceneTransitionList');
    return objects(answer.transitions).map((transition) => text(transition.transitionName) ?? '');
  }

  /** Put a scene on air or into the preview, confirmed. Rejects with SCENE_UNKNOWN naming the scenes there are. */
  async switchTo(change: SceneSwitch): Promise<{ from: string | null; to: string }> {
    const { scene } = change;
    const { scenes, program, preview } = await this.list();
    if (!scenes.includes(scene))
      throw fail('SCENE_UNKNOWN', { application: 'OBS', what: 'scene', scene, known: scenes.join(', ') });
    if (change.to === 'preview') {
      if (preview !== scene) await this.setPreview(scene);
      return { from: preview, to: scene };
    }
    const durationMs = await this.setTransition(change);
    if (program === scene) return { from: program, to: scene };
    if (change.to === 'transition') {
      // OBS takes what the preview shows at that moment, and its reply comes before the preview has changed
      if (preview !== scene) await this.setPreview(scene);
      await this.client.call('TriggerStudioModeTransition');
    } else {
      await this.client.call('SetCurrentProgramScene', { sceneName: scene });
    }
    await this.confirm(
      scene,
      () => this.program,
      'GetCurrentProgramScene',
      'currentProgramSceneName',
      durationMs,
    );
    return { from: program, to: scene };
  }

  private async setPreview(sceneName: string): Promise<void> {
    await this.client.call('SetCurrentPreviewScene', { sceneName }).catch((error: unknown) => {
      throw refusedWith(error, Status.StudioModeNotActive) ? fail('STUDIO_MODE_OFF', {}, error) : error;
    });
    await this.confirm(sceneName, () => this.preview, 'GetCurrentPreviewScene', 'currentPreviewSceneName', 0);
  }

  /** Choose transition and length where wished; the answer is how long the present one takes, in milliseconds. */
  private async setTransition({ transition, durationMs }: SceneSwitch): Promise<number> {
    if (
      durationMs !== null &&
      durationMs !== undefined &&
      !(durationMs >= DURATION.least && durationMs <= DURATION.most)
    )
      throw fail('INPUT_INVALID', {
        field: 'duration',
        reason: `OBS takes ${DURATION.least} to ${DURATION.most} ms, not ${durationMs}`,
      });
    if (transition) {
      const known = await this.transitions();
      if (!known.includes(transition))
        throw fail('TRANSITION_UNKNOWN', { application: 'OBS', transition, known: known.join(', ') });
      await this.client.call('SetCurrentSceneTransition', { transitionName: transition });
    }
    if (durationMs)
      await this.client.call('SetCurrentSceneTransitionDuration', {
        transitionDuration: Math.round(durationMs),
      });
    const present = await this.client.call('GetCurrentSceneTransition');
    return number(present.transitionDuration) ?? 0;
  }

  private async confirm(
    scene: string,
    shown: () => string | null,
    request: string,
    field: string,
    transitionMs: number,
  ): Promise<void> {
    const ms = SWITCH_MS + transitionMs;
    const found = await untilChanged(
      this.changed,
      () => (shown() === scene ? true : undefined),
      ms,
      () => {
        if (this.client.status.state !== 'ready')
          throw fail('OBS_DISCONNECTED', { where: this.client.where, action: 'the scene switch' });
      },
    );
    if (found) return;
    const answer = await this.client.call(request);
    // 5.4 names the field sceneName too
    const current = text(answer[field]) ?? text(answer.sceneName);
    if (current !== scene)
      throw fail('SCENE_NOT_CONFIRMED', {
        application: 'OBS',
        what: 'scene',
        scene,
        seconds: ms / 1000,
        current,
      });
  }

  private onProgram(scene: string | null, cause: 'event' | 'resync'): void {
    const from = this.program;
    // OBS repeats the event when studio mode ends
    if (scene !== null && scene !== from) {
      this.program = scene;
      this.hub.tell({
        event: 'scene_changed',
        cause,
        expected: null,
        state: scene,
        previous: from,
        payload: { scene, from },
      });
    }
    this.changed.tell();
  }
}
