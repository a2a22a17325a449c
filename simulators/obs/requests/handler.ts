import { Refusal } from '../fields';
import type { Data, Fields } from '../fields';
import type { Input, Scene, SceneItem } from '../sources';
import type { Studio } from '../studio';
import { Status } from '../tables/codes';

export interface Call {
  studio: Studio;
  fields: Fields;
  /** which kind of batch it came in; null outside of one */
  batch: 0 | 1 | 2 | null;
  /** message counts of the session that asks */
  session: { incoming: number; outgoing: number };
}

/** Answers one request: its data, nothing, or a Refusal thrown. */
export type Handler = (call: Call) => Data | void | Promise<Data | void>;

/** A source by its name field, or by its uuid where this OBS has them. */
export function source(call: Call, field: string): Input | Scene {
  const { fields, studio } = call;
  if (studio.version.uuids && !fields.has(`${field}Name`) && fields.has(`${field}Uuid`)) {
    const uuid = fields.string(`${field}Uuid`);
    const found = studio.production.sourceByUuid(uuid);
    if (!found) throw new Refusal(Status.NotFound, `No source was found by the UUID of \`${uuid}\`.`);
    return found;
  }
  const name = fields.string(`${field}Name`);
  const found = studio.production.source(name);
  if (!found) throw new Refusal(Status.NotFound, `No source was found by the name of \`${name}\`.`);
  return found;
}

export function scene(call: Call, field = 'scene'): Scene {
  const found = sceneOrGroup(call, field);
  if (found.group)
    throw new Refusal(Status.InvalidResourceType, 'The specified source is not a scene. (Is group)');
  return found;
}

/** Something with items: what is asked of an item may be asked of one in a group too. */
export function sceneOrGroup(call: Call, field = 'scene'): Scene {
  const found = source(call, field);
  if (found.type !== 'scene')
    throw new Refusal(Status.InvalidResourceType, 'The specified source is not a scene.');
  return found;
}

export function input(call: Call): Input {
  const found = source(call, 'input');
  if (found.type !== 'input')
    throw new Refusal(Status.InvalidResourceType, 'The specified source is not an input.');
  return found;
}

/** An input that has sound. */
export function audible(call: Call): Input {
  const found = input(call);
  if (!found.about.audio) {
    throw new Refusal(Status.InvalidResourceState, 'The specified input does not support audio.');
  }
  return found;
}

export function sceneItem(call: Call): { scene: Scene; item: SceneItem } {
  const owner = sceneOrGroup(call);
  const id = Math.trunc(call.fields.number('sceneItemId', 0));
  const item = owner.items.find((candidate) => candidate.id === id);
  if (!item) {
    throw new Refusal(
      Status.NotFound,
      `No scene items were found in scene \`${owner.name}\` with the ID \`${id}\`.`,
    );
  }
  return { scene: owner, item };
}
