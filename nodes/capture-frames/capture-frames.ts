import { join } from 'node:path';
import { Badge } from '../../red/badges';
import { followRuntime, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import { onInput } from '../../red/on-input';
import { actionFrom } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import { whenStarted } from '../../red/when-started';
import { now } from '../../lib/connection/clock';
import { asLiveError, fail, type LiveError } from '../../lib/errors';
import { Capture } from '../../lib/frames/capture';
import type { LastKept } from '../../lib/frames/change';
import { hourFolder, hourOf, pictureName, placeOf } from '../../lib/frames/store/layout';
import type { Release } from '../../lib/production/application';
import { redactError } from '../../lib/secrets';
import { messageOfKept, messageOfSample } from './messages';
import { captureConfig } from './settings';
import { leaseSource } from './source';
import type { CaptureFramesDef, CaptureFramesNode } from './types';

const ACTIONS = ['start', 'stop', 'now'] as const;
const BADGE = {
  live: 'live',
  waiting: 'waiting',
  degraded: 'degraded',
  'no-ffmpeg': 'noFfmpeg',
  stopped: 'paused',
} as const;

/** Where the store has a picture. */
function pathOf(folder: string, id: string | null): string | null {
  const place = placeOf(id);
  if (!place) return null;
  return join(hourFolder(folder, place.stream, hourOf(place.at)), pictureName(place.at, place.seq));
}

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  RED.nodes.registerType('live-capture-frames', CaptureFrames as never, {
    credentials: { address: { type: 'password' } },
  });

  function CaptureFrames(this: CaptureFramesNode, config: CaptureFramesDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    let capture: Capture | null = null;
    let fault: LiveError | null = null;
    try {
      capture = open(this, config, badge);
    } catch (error) {
      fault = redactError(asLiveError(error));
      badge.misconfigured();
      const named = [config.ingest, config.server, config.store].map((id) => RED.nodes.getNode(id));
      // a config node that makes no sense has said so itself
      if (!named.some((one) => (one as { fault?: unknown } | null)?.fault === error))
        this.warn(fault.toString());
    }

    onInput(this, badge, async (msg) => {
      if (!capture) throw fault!;
      const action = actionFrom(msg, ACTIONS);
      if (action === 'start') capture.start();
      else if (action === 'stop') capture.stop();
      else if ((await capture.now()) === 0)
        throw capture.state.fault ?? fail('FRAMES_NONE', { stream: config.stream || 'any stream' });
      return null;
    });
  }

  /** Leases what it takes pictures of and what keeps them, and begins; for as long as the node lives. */
  function open(node: CaptureFramesNode, config: CaptureFramesDef, badge: Badge): Capture {
    const releases: Release[] = [];
    try {
      const settings = captureConfig(RED, node, config);
      const source = leaseSource(RED, node, config);
      badge.simulated = source.simulated;
      releases.push(() => source.release());
      const store = settings.store?.acquire() ?? null;
      if (store) releases.push(() => store.release());
      // so that a deploy makes no second first picture
      const memory = leases.acquire(`last-kept:${node.id}`, '', () => ({
        last: new Map<string, LastKept>(),
        close: () => Promise.resolve(),
      }));
      releases.push(() => memory.release());
      let told: string | null = null;
      const capture: Capture = new Capture(source.value, settings, store?.value ?? null, memory.value.last, {
        kept: (kept) => {
          const path = store ? pathOf(store.value.settings.folder, kept.id) : null;
          node.send([messageOfKept(kept, path, settings.picture, source), null] as never);
        },
        sample: (frame, verdict) =>
          node.send([null, messageOfSample(frame, verdict, now() - frame.arrivedMs, source)] as never),
        state: () => {
          const { state, fault } = capture.state;
          // such as an ingest whose certificate cannot be used: no waiting mends that
          const isSetWrong = fault !== null && asLiveError(fault).code === 'CONFIG_INVALID';
          badge.restsAt(isSetWrong ? 'misconfigured' : BADGE[state]);
          const words = fault && redactError(asLiveError(fault)).toString();
          if (words && words !== told) node.warn(words);
          told = words;
        },
      });
      // what is sent while flows start reaches nobody
      const unfollow = config.waits ? () => undefined : whenStarted(RED, () => capture.start());
      badge.restsAt(config.waits ? 'paused' : 'waiting');
      onClose(node, async (removed) => {
        unfollow();
        await capture.close(removed);
        for (const release of releases.reverse()) release();
      });
      return capture;
    } catch (error) {
      for (const release of releases.reverse()) release();
      throw error;
    }
  }
};
