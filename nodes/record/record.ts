import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { forgetSecrets } from '../../red/message-secrets';
import { liveOfAction } from '../../red/messages';
import { onInput, type Work } from '../../red/on-input';
import { followRecording } from '../../red/state-badges';
import { InOrder, actionFrom, choiceField, resolveEnv, typedText } from '../../red/typed-inputs';
import type { ActionDef, Message, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import type { Recorder, RecordReport } from '../../lib/production/application';
import type { EventName } from '../../lib/production/vocabulary';
import { applicationName } from '../../lib/production/names';

const ACTIONS = ['start', 'stop', 'pause', 'resume', 'split', 'chapter'] as const;
type Action = (typeof ACTIONS)[number];

const EVENTS: Record<Action, EventName | undefined> = {
  start: 'recording_started',
  stop: 'recording_stopped',
  pause: 'recording_paused',
  resume: 'recording_resumed',
  split: 'recording_file_changed',
  chapter: undefined,
};

interface RecordDef extends ActionDef {
  action: Action | 'message';
  folder: string;
  folderType: string;
  fileName: string;
  fileNameType: string;
  format: string;
  chapterName: string;
  chapterNameType: string;
  ifRecording: 'error' | 'restart';
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-record', Record);

  function Record(this: Node, config: RecordDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge, (application) =>
      followRecording(application, badge),
    );
    const order = new InOrder();
    const text = (field: 'fileName' | 'chapterName', msg: Message) =>
      typedText(RED, this, field, config[field], config[`${field}Type`], msg);
    /** A folder can be an address with a key in it. */
    const folderFor = async (msg: Message, work: Work) => {
      const found = await typedText(RED, this, 'folder', config.folder, config.folderType, msg);
      forgetSecrets(RED, work, msg, { found, value: config.folder, type: config.folderType });
      return found;
    };

    /** What to do for this message, once its inputs are read. */
    const taskFor = async (
      action: Action,
      msg: Message,
      work: Work,
    ): Promise<(recorder: Recorder) => Promise<RecordReport>> => {
      if (action === 'chapter') {
        const name = await text('chapterName', msg);
        return (recorder) => recorder.chapter(name);
      }
      if (action !== 'start') return (recorder) => recorder[action]();
      const format = resolveEnv(RED, this, 'format', config.format) || null;
      const options = {
        folder: await folderFor(msg, work),
        fileName: await text('fileName', msg),
        format,
        ifRecordingElsewhere: config.ifRecording,
      };
      return (recorder) => recorder.start(options);
    };

    onInput(this, badge, async (msg, work) => {
      const beganAt = now();
      const action =
        config.action === 'message'
          ? actionFrom(msg, ACTIONS)
          : choiceField('action', config.action, ACTIONS);
      const task = await order.run(() => taskFor(action, msg, work));
      if (action === 'stop') use.get().cancelStarts('recording');
      const application = await use.ready({ start: action === 'start' ? 'recording' : undefined });
      if (!application.recorder)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'record',
        });
      const payload = await task(application.recorder);
      return {
        payload,
        live: liveOfAction(`record-${action}`, application, beganAt, {
          output: 'recording',
          state: payload.state,
          event: payload.alreadyRunning || payload.wasRunning === false ? undefined : EVENTS[action],
        }),
      };
    });
  }
};
