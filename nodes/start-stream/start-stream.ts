import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { leaseReceiver, receivedStream, type ReceiverDef } from '../../red/receivers';
import { followStream } from '../../red/state-badges';
import {
  chosenChannels,
  namedChannels,
  outputNames,
  tickedChannels,
  type ChannelTargetsDef,
} from '../../red/stream-channels';
import { targetById, targetByName } from '../../red/targets';
import { InOrder, numberField, typedText } from '../../red/typed-inputs';
import type { Message, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { awaitReceived } from '../../lib/media-servers/received';
import type { Application, StartStreamOptions } from '../../lib/production/application';
import { applicationName } from '../../lib/production/names';
import { SomeStreamsFailed } from '../../lib/production/some-streams-failed';

interface StartStreamDef extends ChannelTargetsDef, ReceiverDef {
  target: string;
  confirmSeconds: string;
  ifLive: 'error' | 'restart';
  ifOneFails?: 'leave' | 'stop';
  onUnstable: 'stop' | 'leave';
  putBack: boolean;
}

/** A media server tells of a stream a few seconds after its first picture. */
const RECEIVED_MS = 15_000;

/** What is to start, and where to. */
type Goal = Pick<StartStreamOptions, 'target' | 'channels'>;

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-start-stream', StartStream);

  function StartStream(this: Node, config: StartStreamDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const onVmix = config.application === 'vmix';
    // what a message chooses may be any of them
    const shown = onVmix && config.targetFrom !== 'message' ? tickedChannels(config) : undefined;
    const use = useApplication(RED, this, config, badge, (application) =>
      followStream(application, badge, { channels: shown }),
    );

    const order = new InOrder();
    const fromMessage = async (msg: Message): Promise<Goal> => {
      if (onVmix) return { target: null, channels: await namedChannels(RED, this, config, msg) };
      const name = await typedText(RED, this, 'target', config.targetName, config.targetNameType, msg);
      if (name === null)
        throw fail('INPUT_INVALID', { field: 'target', reason: 'the message names no stream target' });
      return { target: targetByName(name) };
    };
    const fromDialog = (): Goal => {
      if (onVmix) return { target: null, channels: chosenChannels(config) };
      return { target: config.targetFrom === 'target' ? targetById(config.target) : null };
    };

    /** Who has seen it: the media server, where one is chosen and can be asked. */
    const arrived = async ({ streams }: Application) => {
      const leased = leaseReceiver(RED, this, config);
      if (!leased) return {};
      const { client, stream, release } = leased;
      const goesOn = () => streams?.state() === 'live';
      const found = await awaitReceived(client, stream, { withinMs: RECEIVED_MS, goesOn }).finally(release);
      if (found.confirmed) return { confirmedBy: 'receiver' as const };
      return { notReceived: found.reason };
    };

    onInput(this, badge, async (msg, work) => {
      const beganAt = now();
      // a dialog that makes no sense must not be found out once it is live
      receivedStream(RED, this, config);
      // nothing is waited for where nothing need be: a stop that comes next must find this start
      const { target, channels } =
        config.targetFrom === 'message' ? await order.run(() => fromMessage(msg)) : fromDialog();
      const confirmMs = numberField(RED, this, 'confirm', config.confirmSeconds, 5, 1, 600) * 1000;
      const application = await use.ready({
        start: 'stream',
        channels: channels?.map(({ channel }) => channel),
      });
      if (!application.streams)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'stream',
        });
      const options: StartStreamOptions = {
        target,
        ...(channels ? { channels, ifOneFails: config.ifOneFails } : {}),
        confirmMs,
        ifLiveElsewhere: config.ifLive,
        onUnstable: config.onUnstable,
        putBack: config.putBack === true,
      };
      const payload = await application.streams.start(options).catch((error: unknown) => {
        // Catch hears that some failed; what became of each is said here
        if (error instanceof SomeStreamsFailed)
          work.interim({
            payload: { streams: structuredClone(error.streams) },
            live: liveOfAction('start-stream', application, beganAt, {
              output: outputNames(error.streams),
              state: application.streams?.state(channels?.map(({ channel }) => channel)),
            }),
          });
        throw error;
      });
      const received = await arrived(application);
      return {
        payload,
        live: liveOfAction('start-stream', application, beganAt, {
          ...received,
          output: outputNames(payload.streams),
          state: payload.state,
          event: payload.alreadyRunning ? undefined : 'stream_started',
        }),
      };
    });
  }
};
