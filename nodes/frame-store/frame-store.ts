import { join, resolve } from 'node:path';
import type { FrameStoreNode } from '../../red/capture';
import { fingerprint, followRuntime, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import { isStopping } from '../../red/stopping';
import { closeTimeline, runTimeline, type TimelineDef } from '../../red/timeline';
import { addTimelineRoutes } from '../../red/timeline-routes';
import { numberField, resolveEnv } from '../../red/typed-inputs';
import type { LiveDef, NodeAPI } from '../../red/types';
import { userFolder } from '../../red/user-folder';
import { asLiveError, fail } from '../../lib/errors';
import { FolderFrameStore } from '../../lib/frames/store/store';
import type { StoreSettings } from '../../lib/frames/store/types';
import { redactError, redactText } from '../../lib/secrets';
import { addDialogRoutes } from './dialog-routes';

interface FrameStoreDef extends LiveDef, Omit<TimelineDef, 'name'> {
  folder: string;
  keepDays: string;
  mostGb: string;
  leastFreeGb: string;
}

const GB = 1e9;
/** As the notes to the fields say it. */
const USUAL = { keepDays: 30, mostGb: 50, leastFreeGb: 5 };
/** Pictures that wait for a slow disk shall get there. */
const CLOSE_MS = 10_000;

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  isStopping(RED);
  addDialogRoutes(RED);
  addTimelineRoutes(RED);

  RED.nodes.registerType('live-frame-store', FrameStoreConfig as never);

  function FrameStoreConfig(this: FrameStoreNode, config: FrameStoreDef): void {
    RED.nodes.createNode(this, config);
    const { id } = this;
    let settings: StoreSettings | null = null;
    this.fault = null;
    try {
      const folder = resolveEnv(RED, this, 'folder', config.folder).trim();
      const user = userFolder(RED);
      const usual = join(user, 'live-production', `frames-${id.replace(/[^\w-]/g, '_')}`);
      const limit = (field: string, value: unknown, usually: number): number | null =>
        numberField(RED, this, field, value, usually, 0, 1e6) || null;
      const most = limit('at most', config.mostGb, USUAL.mostGb);
      const least = limit('leave free', config.leastFreeGb, USUAL.leastFreeGb);
      settings = {
        folder: folder ? resolve(user, folder) : usual,
        keepDays: limit('keep', config.keepDays, USUAL.keepDays),
        mostBytes: most && most * GB,
        leastFreeBytes: least && least * GB,
      };
    } catch (error) {
      this.fault = redactError(asLiveError(error));
      this.warn(this.fault.toString());
    }
    // other limits need no other store: nothing is closed for them
    const print = fingerprint({ folder: settings?.folder });
    const name = config.name || id;
    if (settings) (leases.peek(id, print) as FolderFrameStore | null)?.renew(settings);

    this.acquire = () => {
      if (!settings) throw this.fault ?? fail('FRAME_STORE_MISSING');
      const from = settings;
      // Node-RED's own log: this node may be another object after a deploy
      const warn = (error: unknown) =>
        RED.log.warn(`[frame store:${redactText(name)}] ${redactError(asLiveError(error)).toString()}`);
      return leases.acquire(id, print, () => new FolderFrameStore(from, { warn }));
    };

    const releaseTimeline = settings ? runTimeline(RED, this, config, settings.folder) : null;

    onClose(
      this,
      async (removed) => {
        releaseTimeline?.();
        // a deploy keeps the store open: nodes that write into it may close after this
        if (removed || isStopping(RED)) await Promise.all([closeTimeline(id), leases.closeNow(id)]);
      },
      CLOSE_MS,
    );
  }
};
