import { randomUUID } from 'node:crypto';
import { Refusal } from '../fields';
import { Status } from '../tables/codes';
import { input } from './handler';
import type { Handler } from './handler';

const CANVAS = randomUUID();

/** Requests that only newer OBS have; from source. */
export const newer: Record<string, Handler> = {
  GetInputDeinterlaceMode: (call) => {
    input(call);
    return { inputDeinterlaceMode: 'OBS_DEINTERLACE_MODE_DISABLE' };
  },

  SetInputDeinterlaceMode: (call) => {
    input(call);
    const mode = call.fields.string('inputDeinterlaceMode');
    if (!mode.startsWith('OBS_DEINTERLACE_MODE_')) {
      throw new Refusal(Status.InvalidField, 'The field inputDeinterlaceMode has an invalid value.');
    }
  },

  GetInputDeinterlaceFieldOrder: (call) => {
    input(call);
    return { inputDeinterlaceFieldOrder: 'OBS_DEINTERLACE_FIELD_ORDER_TOP' };
  },

  SetInputDeinterlaceFieldOrder: (call) => {
    input(call);
    const order = call.fields.string('inputDeinterlaceFieldOrder');
    if (!order.startsWith('OBS_DEINTERLACE_FIELD_ORDER_')) {
      throw new Refusal(Status.InvalidField, 'The field inputDeinterlaceFieldOrder has an invalid value.');
    }
  },

  GetCanvasList: ({ studio }) => ({
    canvases: [
      {
        canvasFlags: { ACTIVATE: true, EPHEMERAL: false, MAIN: true, MIX_AUDIO: true, SCENE_REF: true },
        canvasName: 'Main',
        canvasUuid: CANVAS,
        canvasVideoSettings: studio.profiles.video,
      },
    ],
  }),
};
