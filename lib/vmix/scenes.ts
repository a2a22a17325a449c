import { fail } from '../errors';
import type { Scenes, SceneSwitch, SceneSwitched } from '../production/application';
import { redact } from '../secrets';
import type { VmixClient } from './client';
import { freshState, sendAndSee } from './confirm';
import type { FunctionCall } from './functions/query';
import { inputParameter, resolveInput } from './inputs';
import { inputNumbered } from './state';
import type { VmixInput, VmixState } from './state-types';
import { resolveTransition } from './transitions';
import type { Turns } from './turns';

/** Beside what the transition itself takes. */
const SWITCH_MS = 5_000;

/** Inputs of a vMix as its scenes: what is on air, and what comes next. */
export class VmixScenes implements Scenes {
  constructor(
    private readonly client: VmixClient,
    private readonly turns: Turns,
  ) {}

  async list(): Promise<{ scenes: string[]; program: string | null; preview: string | null }> {
    const state = await freshState(this.client);
    return {
      scenes: state.inputs.map(({ title }) => title),
      program: inputNumbered(state, state.active)?.title ?? null,
      preview: inputNumbered(state, state.preview)?.title ?? null,
    };
  }

  /**
   * Put an input on air or into the preview, confirmed from the document. It is sent by its key, so that moving inputs meanwhile
   * puts no other one on air. Rejects with SCENE_UNKNOWN, VMIX_INPUT_AMBIGUOUS, TRANSITION_UNKNOWN and SCENE_NOT_CONFIRMED. Two
   * equal ones at once join; the later one of two others wins, and the earlier is then not confirmed.
   */
  switchTo(change: SceneSwitch): Promise<SceneSwitched> {
    const { scene, to, transition = null, durationMs = null } = change;
    const key = JSON.stringify([scene, to, transition, durationMs]);
    // a title may hold the password of a call
    return this.turns.take(`scene ${key}`, key, () => this.run(change).then(redact));
  }

  private async run({ scene, to, transition, durationMs }: SceneSwitch): Promise<SceneSwitched> {
    const { client } = this;
    const before = await freshState(client);
    const input = resolveInput(before, scene, 'SCENE_UNKNOWN');
    const chosen =
      to === 'transition' ? resolveTransition(before, transition ?? null, durationMs ?? null) : null;
    const shown = (state: VmixState): VmixInput | null =>
      inputNumbered(state, to === 'preview' ? state.preview : state.active);
    const from = shown(before);
    const report = {
      from: from?.title ?? null,
      to: input.title,
      inputKey: input.key,
      inputNumber: input.number,
      alreadyThere: from?.key === input.key,
    };
    if (report.alreadyThere) return report;
    const call: FunctionCall = {
      name: chosen?.name ?? (to === 'preview' ? 'PreviewInput' : 'CutDirect'),
      input: inputParameter(input),
      durationMs: chosen?.durationMs,
    };
    let current = from;
    const ms = SWITCH_MS + (chosen?.takesMs ?? 0);
    const done = await sendAndSee(
      client,
      call,
      (state) => {
        current = shown(state);
        return current?.key === input.key ? current : undefined;
      },
      { ms },
    );
    if (done) return { ...report, to: done.title, inputNumber: done.number };
    throw fail('SCENE_NOT_CONFIRMED', {
      application: 'vMix',
      what: 'input',
      scene: input.title,
      seconds: ms / 1000,
      current: current?.title ?? 'nothing',
    });
  }
}
