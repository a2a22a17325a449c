import { Refusal } from '../fields';
import { makeScene } from '../sources';
import { Status } from '../tables/codes';
import { scene } from './handler';
import type { Call, Handler } from './handler';

function studioMode({ studio }: Call): void {
  if (!studio.production.transitions.studioMode) throw new Refusal(Status.StudioModeNotActive);
}

/** Scene requests. */
export const scenes: Record<string, Handler> = {
  GetSceneList: ({ studio: { production } }) => {
    const { preview } = production.transitions;
    return {
      ...(preview
        ? production.named('currentPreviewScene', preview)
        : { currentPreviewSceneName: null, ...(production.uuids ? { currentPreviewSceneUuid: null } : {}) }),
      ...production.named('currentProgramScene', production.current.program),
      scenes: production.sceneList(),
    };
  },

  GetGroupList: ({ studio }) => ({ groups: studio.production.groups.map(({ name }) => name) }),

  GetCurrentProgramScene: ({ studio: { production } }) => ({
    ...production.named('currentProgramScene', production.current.program),
    ...(production.uuids ? production.named('scene', production.current.program) : {}),
  }),

  SetCurrentProgramScene: (call) => call.studio.production.transitions.toProgram(scene(call)),

  GetCurrentPreviewScene: (call) => {
    studioMode(call);
    const { production } = call.studio;
    const preview = production.transitions.preview ?? production.current.program;
    return {
      ...production.named('currentPreviewScene', preview),
      ...(production.uuids ? production.named('scene', preview) : {}),
    };
  },

  SetCurrentPreviewScene: (call) => {
    studioMode(call);
    call.studio.production.transitions.setPreview(scene(call));
  },

  CreateScene: ({ studio: { production }, fields }) => {
    const name = fields.string('sceneName');
    if (production.source(name)) {
      throw new Refusal(Status.AlreadyExists, 'A source already exists by that scene name.');
    }
    const created = makeScene(name);
    production.addScene(created);
    return production.uuids ? { sceneUuid: created.uuid } : undefined;
  },

  RemoveScene: (call) => call.studio.production.removeScene(scene(call)),

  SetSceneName: (call) => {
    const { production } = call.studio;
    const renamed = scene(call);
    const name = call.fields.string('newSceneName');
    if (production.source(name)) {
      throw new Refusal(Status.AlreadyExists, 'A source already exists by that new scene name.');
    }
    const oldSceneName = renamed.name;
    renamed.name = name;
    production.saved.plan();
    production.emit('SceneNameChanged', { oldSceneName, ...production.named('scene', renamed) });
  },

  GetSceneSceneTransitionOverride: (call) => {
    const found = scene(call);
    return { transitionDuration: found.transitionMs, transitionName: found.transition };
  },

  SetSceneSceneTransitionOverride: (call) => {
    const { fields, studio } = call;
    const found = scene(call);
    const name = fields.optionalString('transitionName');
    if (name !== undefined && !studio.production.transitions.find(name)) {
      throw new Refusal(Status.NotFound, 'No scene transition was found by that name.');
    }
    const duration = fields.optionalNumber('transitionDuration', 50, 20_000);
    if (!fields.mentions('transitionName') && !fields.mentions('transitionDuration')) {
      throw new Refusal(
        Status.MissingField,
        'Your request data must include either `transitionName` or `transitionDuration`.',
      );
    }
    if (fields.mentions('transitionName')) found.transition = name ?? null;
    if (fields.mentions('transitionDuration')) found.transitionMs = duration ?? null;
  },
};

/** Transition and studio mode requests. */
export const transitions: Record<string, Handler> = {
  GetTransitionKindList: () => ({
    transitionKinds: [
      'cut_transition',
      'fade_transition',
      'swipe_transition',
      'slide_transition',
      'obs_stinger_transition',
      'fade_to_color_transition',
      'wipe_transition',
    ],
  }),

  GetSceneTransitionList: ({ studio: { production } }) => {
    const { current, all } = production.transitions;
    return {
      currentSceneTransitionKind: current.kind,
      ...production.named('currentSceneTransition', current),
      transitions: all.map((transition) => ({
        transitionConfigurable: false,
        transitionFixed: transition.fixed,
        transitionKind: transition.kind,
        ...production.named('transition', transition),
      })),
    };
  },

  GetCurrentSceneTransition: ({ studio: { production } }) => {
    const { current, durationMs } = production.transitions;
    return {
      transitionConfigurable: false,
      transitionDuration: current.fixed ? null : durationMs,
      transitionFixed: current.fixed,
      transitionKind: current.kind,
      ...production.named('transition', current),
      transitionSettings: null,
    };
  },

  SetCurrentSceneTransition: ({ studio, fields }) => {
    const transition = studio.production.transitions.find(fields.string('transitionName'));
    if (!transition) throw new Refusal(Status.NotFound, 'No scene transition was found by that name.');
    studio.production.transitions.use(transition);
  },

  SetCurrentSceneTransitionDuration: ({ studio, fields }) =>
    studio.production.transitions.setDuration(Math.trunc(fields.number('transitionDuration', 50, 20_000))),

  SetCurrentSceneTransitionSettings: ({ fields }) => {
    fields.object('transitionSettings', true);
    throw new Refusal(Status.NotConfigurable, 'The current transition does not support custom settings.');
  },

  GetCurrentSceneTransitionCursor: ({ studio }) => ({
    transitionCursor: studio.production.transitions.cursor,
  }),

  TriggerStudioModeTransition: (call) => {
    studioMode(call);
    call.studio.production.transitions.trigger();
  },

  SetTBarPosition: (call) => {
    studioMode(call);
    const position = call.fields.number('position', 0, 1);
    const release = call.fields.optionalBoolean('release') ?? true;
    call.studio.production.transitions.moveBar(position, release);
  },

  GetStudioModeEnabled: ({ studio }) => ({ studioModeEnabled: studio.production.transitions.studioMode }),

  SetStudioModeEnabled: ({ studio, fields }) =>
    studio.production.transitions.setStudioMode(fields.boolean('studioModeEnabled')),
};
