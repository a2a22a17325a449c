import { Badge } from '../../red/badges';
import { frameStore } from '../../red/capture';
import { liveOfLog } from '../../red/messages';
import { onClose } from '../../red/on-close';
import { onInput, type Result } from '../../red/on-input';
import { InOrder } from '../../red/typed-inputs';
import type { Message, Node, NodeAPI } from '../../red/types';
import {
  checkpointMessage,
  leaseLog,
  warnOnce,
  witnessLog,
  type WitnessLogNode,
} from '../../red/witness-logs';
import { now } from '../../lib/connection/clock';
import { asLiveError } from '../../lib/errors';
import type { FrameStore } from '../../lib/frames/store/types';
import { redactError } from '../../lib/secrets';
import type { KeptLog } from '../../lib/witness/kept-log';
import { PROOF_FILE } from '../../lib/witness/proof';
import { entries, exported, placeOf, prove, report, verify, type Place } from './actions';
import { mustBeOutside, wholePath, writeText } from './files';
import { wishOf, type Wish, type WitnessQueryDef } from './wishes';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-witness-query', WitnessQueryNode);

  function WitnessQueryNode(this: Node, config: WitnessQueryDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const order = new InOrder();
    const stop = new AbortController();
    const leased = lease(this, badge);

    onInput(this, badge, async (msg) => {
      const beganAt = now();
      const log = witnessLog(RED, config.log);
      const wish = await order.run(() => wishOf(RED, this, config, msg));
      if (wish.copy) wish.copy.folder = wholePath(RED, wish.copy.folder);
      if (wish.path) wish.path = wholePath(RED, wish.path);
      const place = await placeOf(leased!, log, wish, stop.signal);
      // the log's own folder, the one it goes on in or the copy, and what remembers it
      const kept = [
        log.folder,
        leased!.status().log?.folder ?? log.folder,
        place.folder.path,
        log.stateFolder,
      ];
      if (wish.path) await mustBeOutside(wish.path, kept);
      const store = wish.action === 'report' && config.frameStore ? frameStore(RED, config.frameStore) : null;
      const frames = store?.acquire();
      const { payload, state = null } = await carryOut(msg, place, wish, log, frames?.value ?? null).finally(
        () => frames?.release(),
      );
      return { payload, live: liveOfLog(`witness-${wish.action}`, log, beganAt, state) } satisfies Result;
    });

    onClose(this, () => stop.abort());

    function lease(node: Node, shown: Badge): KeptLog | null {
      try {
        const { log, release } = leaseLog(witnessLog(RED, config.log));
        const show = () => shown.logIs(log.status().state);
        const unhear = log.onStatus(show);
        show();
        onClose(node, () => {
          unhear();
          release();
        });
        return log;
      } catch (error) {
        shown.misconfigured();
        warnOnce(RED, node, config.log, redactError(asLiveError(error)));
        return null;
      }
    }
  }
};

/** Do what is asked; what there is beside the payload goes onto the message. */
async function carryOut(
  msg: Message,
  place: Place,
  wish: Wish,
  { trust }: WitnessLogNode,
  pictures: FrameStore | null,
): Promise<{ payload: unknown; state?: string }> {
  const at = Date.now();
  switch (wish.action) {
    case 'entries':
      return { payload: await entries(place, wish) };
    case 'verify': {
      const payload = await verify(place);
      return { payload, state: payload.verdict };
    }
    case 'export': {
      const { state, whole, text } = await exported(place, wish, at);
      if (wish.give !== 'file') return { payload: await whole(), state };
      const name = { name: 'witness export', ending: 'json' };
      msg.filename = await writeText(wish.path, name, text(), wish.overwrite, at);
      return { payload: msg.filename, state };
    }
    case 'report': {
      const { data, html, subject, text } = await report(place, wish, at, pictures);
      const filename = `show-report-${new Date(at).toISOString().slice(0, 10)}.html`;
      msg.topic = subject;
      msg.report = data;
      const state = data.verification.verdict;
      if (wish.give === 'page') return { payload: html, state };
      if (wish.give === 'file') {
        const name = { name: 'show report', ending: 'html' };
        msg.filename = await writeText(wish.path, name, [html] as never, wish.overwrite, at);
        return { payload: msg.filename, state };
      }
      msg.attachments = [{ filename, content: Buffer.from(html), contentType: 'text/html' }];
      return { payload: text, state };
    }
    case 'prove': {
      msg.filename = `entry-${wish.entry}${PROOF_FILE}`;
      return { payload: await prove(place, wish) };
    }
    case 'checkpoint': {
      const { topic, payload, witness } = checkpointMessage(trust.origin, place.signed!);
      Object.assign(msg, { topic, witness });
      return { payload };
    }
  }
}
