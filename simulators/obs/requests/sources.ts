import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../fields';
import { sizeOf } from '../geometry';
import type { Input, Scene } from '../sources';
import { lookOf } from '../look';
import { picture } from '../pictures';
import { Status } from '../tables/codes';
import { source, input } from './handler';
import type { Call, Handler } from './handler';
import { withoutNulls } from './inputs';

const FORMATS = ['bmp', 'cur', 'ico', 'jpeg', 'jpg', 'pbm', 'pgm', 'png', 'ppm', 'xbm', 'xpm'];

const LARGEST = 16_384;

function shot(call: Call, shown: Input | Scene): { format: string; bytes: Buffer } {
  const { fields, studio } = call;
  const format = fields.string('imageFormat');
  if (!FORMATS.includes(format)) {
    throw new Refusal(
      Status.InvalidField,
      'Your specified image format is invalid or not supported by this system.',
    );
  }
  const width = fields.optionalNumber('imageWidth', 8, 4096);
  const height = fields.optionalNumber('imageHeight', 8, 4096);
  fields.optionalNumber('imageCompressionQuality', -1, 100);
  const size = sizeOf(shown, studio.profiles.video);
  // a source without a picture is drawn, empty, where nothing depends on its shape: measured on 29.0.2
  if (size.width === 0 && (width === undefined || height === undefined))
    throw new Refusal(Status.ProcessingFailed, 'Failed to render screenshot.');
  const aspect = size.width / size.height;
  const wide = Math.trunc(width ?? (height === undefined ? size.width : height * aspect));
  const high = Math.trunc(height ?? (width === undefined ? size.height : width / aspect));
  // measured on 29.0.2: the side that follows is held to no limit but the graphics card's own
  if (wide < 1 || high < 1 || wide > LARGEST || high > LARGEST)
    throw new Refusal(Status.ProcessingFailed, 'Failed to render screenshot.');
  const bytes = picture(lookOf(shown, studio.health), format, wide, high);
  if (!bytes) throw new Refusal(Status.ProcessingFailed, 'Failed to encode screenshot.');
  return { format, bytes };
}

function onAir(shown: Input | Scene, top: Scene | null): boolean {
  if (!top) return false;
  if (top === shown) return true;
  return top.items.some(
    (item) =>
      item.enabled && (item.source === shown || (item.source.type === 'scene' && onAir(shown, item.source))),
  );
}

/** Source requests, and the requests of OBS's own windows that open nothing here. */
export const sources: Record<string, Handler> = {
  GetSourceActive: (call) => {
    const shown = source(call, 'source');
    const { current, transitions } = call.studio.production;
    const videoActive = onAir(shown, current.program);
    return { videoActive, videoShowing: videoActive || onAir(shown, transitions.preview) };
  },

  GetSourceScreenshot: (call) => {
    const { format, bytes } = shot(call, source(call, 'source'));
    return { imageData: `data:image/${format};base64,${bytes.toString('base64')}` };
  },

  SaveSourceScreenshot: (call) => {
    const shown = source(call, 'source');
    call.fields.string('imageFormat');
    const path = call.fields.string('imageFilePath');
    if (!existsSync(dirname(path))) {
      throw new Refusal(Status.NotFound, 'The directory for your file path does not exist.');
    }
    const { bytes } = shot(call, shown);
    if (!call.studio.writeFiles) return;
    try {
      writeFileSync(path, bytes);
    } catch {
      throw new Refusal(Status.ProcessingFailed, 'Failed to save screenshot.');
    }
  },

  GetSourcePrivateSettings: (call) => ({ sourceSettings: source(call, 'source').privateSettings }),

  SetSourcePrivateSettings: (call) => {
    const changed = source(call, 'source');
    const settings = withoutNulls(call.fields.object('sourceSettings', true));
    changed.privateSettings = { ...changed.privateSettings, ...settings };
  },

  GetMonitorList: () => ({
    monitors: [
      {
        monitorHeight: 1080,
        monitorIndex: 0,
        monitorName: 'screen(0)',
        monitorPositionX: 0,
        monitorPositionY: 0,
        monitorWidth: 1920,
      },
    ],
  }),

  OpenInputPropertiesDialog: (call) => void input(call),

  OpenInputFiltersDialog: (call) => void input(call),

  OpenInputInteractDialog: (call) => {
    input(call);
    throw new Refusal(Status.InvalidResourceState, 'The specified input does not support interaction.');
  },

  OpenSourceProjector: (call) => {
    source(call, 'source');
    projector(call);
  },

  OpenVideoMixProjector: (call) => {
    const type = call.fields.string('videoMixType');
    if (!/^OBS_WEBSOCKET_VIDEO_MIX_TYPE_(PREVIEW|PROGRAM|MULTIVIEW)$/.test(type)) {
      throw new Refusal(Status.InvalidField, 'The field `videoMixType` has an invalid enum value.');
    }
    projector(call);
  },
};

function projector({ fields }: Call): void {
  const monitor = fields.optionalNumber('monitorIndex', -1, 9) ?? -1;
  if (fields.optionalString('projectorGeometry') !== undefined && monitor !== -1) {
    throw new Refusal(Status.TooManyFields, '`monitorIndex` and `projectorGeometry` are mutually exclusive.');
  }
}
