import { isAbsolute, join } from 'node:path';
import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { InOrder, choiceField, numberField, typedText } from '../../red/typed-inputs';
import type { ActionDef, Message, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { checkPath, pictureName, writePicture } from '../../lib/production/picture-files';
import { contentTypeOf, PICTURE_FORMATS, type PictureRequest } from '../../lib/production/pictures';
import { applicationName } from '../../lib/production/names';

/** Where neither width nor height is set: enough to see everything, and a large one takes OBS seconds. */
const WIDEST = 1280;
const SIDE = [8, 4096] as const;

interface SnapshotDef extends ActionDef {
  show: 'program' | 'source';
  source: string;
  sourceType: string;
  to: 'message' | 'here' | 'there';
  path: string;
  pathType: string;
  overwrite: boolean;
  format: 'jpg' | 'png';
  width: string;
  height: string;
  quality: string;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-snapshot', Snapshot);

  function Snapshot(this: Node, config: SnapshotDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);
    const order = new InOrder();

    const filled = async (field: 'source' | 'path', msg: Message) => {
      const found = await typedText(RED, this, field, config[field], config[`${field}Type`], msg);
      if (found === null) throw fail('INPUT_INVALID', { field, reason: 'it is empty' });
      return found;
    };
    const size = (field: 'width' | 'height') =>
      numberField(RED, this, field, config[field], 0, ...SIDE) || null;
    /** Everything that decides the picture, for one message. */
    const wishesOf = async (msg: Message) => {
      const request: PictureRequest = {
        source:
          choiceField('picture of', config.show, ['program', 'source']) === 'source'
            ? await filled('source', msg)
            : null,
        width: size('width'),
        height: size('height'),
        widest: WIDEST,
        format: choiceField('format', config.format, PICTURE_FORMATS),
        quality: numberField(RED, this, 'quality', config.quality, 80, 1, 100),
      };
      const to = choiceField('to', config.to, ['message', 'here', 'there']);
      return { request, to, path: to === 'message' ? '' : await filled('path', msg) };
    };
    /** As the file nodes have it: the folder of the settings file counts for a path that has none. */
    const whole = (path: string) => {
      const { fileWorkingDirectory: folder } = RED.settings as { fileWorkingDirectory?: unknown };
      return typeof folder === 'string' && folder && !isAbsolute(path) ? join(folder, path) : path;
    };

    onInput(this, badge, async (msg) => {
      const beganAt = now();
      const { request, to, path } = await order.run(() => wishesOf(msg));
      const { format } = request;
      const overwrite = config.overwrite === true;
      if (to === 'here') checkPath(path, format);
      const { kind, pictures } = use.get();
      if (!pictures)
        throw fail('CAPABILITY_MISSING', { application: applicationName(kind), action: 'pictures' });
      const pathFor = to === 'there' ? pictures.fileThere(path, format, overwrite) : null;
      const application = await use.ready();
      const live = (confirmed = true) =>
        liveOfAction('snapshot', application, beganAt, { confirmedBy: confirmed ? 'application' : null });
      if (pathFor) {
        const { confirmed, ...saved } = await pictures.saveThere(request, pathFor);
        msg.picture = { ...saved, contentType: contentTypeOf(saved.format) };
        msg.filename = saved.path;
        return { payload: saved.path, live: live(confirmed) };
      }
      const taken = await pictures.take(request);
      const { data, ...about } = taken;
      const file = to === 'here' ? await writePicture(whole(path), taken, overwrite) : null;
      msg.picture = { ...about, sizeBytes: data.length, path: file, unknown: {} };
      msg.filename = file ?? pictureName(about.source, about.format, Date.parse(about.takenAt));
      return { payload: file ?? data, live: live() };
    });
  }
};
