import { fail } from '../errors';
import type { Scenes, SceneSwitch, SceneSwitched } from '../production/application';
import { redact } from '../secrets';
import type { VmixClient } from './client';
import { freshState, sendAndSee } from './confirm';
import type { FunctionCall } from './functions/query';
import { inputParameter, resolveInput } from './inputs';
import type { Overtaking, Wish } from './overtaking';
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
    private readonly overtaking: Overtaking,
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
   * equal ones at once join; the later one of two others wins, and the earlier is rejected with SCENE_OVERTAKEN as soon as that is sent.
   */
  switchTo(change: SceneSwitch): Promise<SceneSwitched> {
    const { scene, to, transition = null, durationMs = null } = change;
    const key = JSON.stringify([scene, to, transition, durationMs]);
    const side = to === 'preview' ? 'preview' : 'program';
    const wish = this.overtaking.wish(side, key);
    const work = () => this.run(change, side, wish).finally(() => this.overtaking.end(side, wish));
    // a title may hold the password of a call
    return this.turns.take(`scene ${wish.id}`, key, () => work().then(redact));
  }

  private async run(
    { scene, to, transition, durationMs }: SceneSwitch,
    side: string,
    wish: Wish,
  ): Promise<SceneSwitched> {
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
    const { signal } = wish.overtaken;
    const cancelled = () =>
      fail('SCENE_OVERTAKEN', { application: 'vMix', scene: input.title, by: String(signal.reason) });
    if (signal.aborted) throw cancelled();
    // what was sent before and does not show yet would take it away again
    const needed = !report.alreadyThere || this.overtaking.othersSent(side, wish);
    this.overtaking.go(side, wish, input.title, needed);
    if (!needed) return report;
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
      { ms, signal, cancelled },
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
