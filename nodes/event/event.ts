import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { connectionOf, messageOfEvent } from '../../red/messages';
import { onEvent } from '../../red/on-event';
import { numberField, resolveEnv } from '../../red/typed-inputs';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';
import { isoTime, now } from '../../lib/connection/clock';
import { asLiveError, fail } from '../../lib/errors';
import type { Application } from '../../lib/production/application';
import { parseFilters, passes } from '../../lib/production/event-filter';
import { RateLimit } from '../../lib/production/rate-limit';
import { redact } from '../../lib/secrets';

/** This long without a drop and the next one is worth a word again. */
const QUIET_MS = 10_000;

interface EventDef extends ApplicationDef {
  source: 'show' | 'raw';
  events: string[];
  rawEvents: string;
  filters: unknown;
  limit: string;
  present: boolean;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-event', EventNode);

  function EventNode(this: Node, config: EventDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    try {
      const filters = parseFilters(config.filters);
      const limit = new RateLimit(numberField(RED, this, 'limit', config.limit, 100));
      let lastDropMs = Number.NEGATIVE_INFINITY;
      const sendLimited = (make: () => { payload: unknown; live: Record<string, unknown> }) => {
        const at = now();
        const { passes: mayPass, dropped } = limit.pass(at);
        if (!mayPass) {
          // once for each spell of too many, not once a second
          if (at - lastDropMs > QUIET_MS)
            this.warn(
              `more than ${config.limit || 100} events a second: the rest is dropped, and counted in msg.live.dropped`,
            );
          lastDropMs = at;
          return;
        }
        const msg = make();
        if (dropped > 0) msg.live.dropped = dropped;
        this.send(msg);
      };

      if (config.source === 'raw') {
        const typed = resolveEnv(RED, this, 'events', config.rawEvents).split(/[\s,;]+/);
        if (config.application === 'ingest')
          throw fail('CONFIG_INVALID', { field: 'events', reason: 'an ingest has no raw events' });
        const names = [...new Set(typed.filter(Boolean))];
        if (!names.length) throw fail('CONFIG_INVALID', { field: 'events', reason: 'no event is named' });
        useApplication(RED, this, config, badge, (application) => {
          const { rawEvents } = application;
          if (!rawEvents) return () => undefined;
          for (const doubt of rawEvents.doubts(names)) this.warn(doubt);
          const releases = names.map((name) =>
            rawEvents.on(name, (data, told) => {
              if (!filters.length || passes(data, filters))
                sendLimited(() => rawMessage(application, told, data));
            }),
          );
          // ready would say that something is heard
          releases.push(rawEvents.onDeaf((fault) => badge.restsAt(fault ? 'degraded' : null)));
          return () => {
            for (const release of releases) release();
          };
        });
        return;
      }

      const wanted = new Set(Array.isArray(config.events) ? config.events : []);
      onEvent(RED, this, config, badge, {
        present: config.present === true,
        wants: ({ event, payload }) => (wanted.size === 0 || wanted.has(event)) && passes(payload, filters),
        send: (application, event) => sendLimited(() => messageOfEvent(application, event)),
      });
    } catch (error) {
      badge.misconfigured();
      this.warn(asLiveError(error).toString());
    }
  }
};

function rawMessage(application: Application, name: string, data: Record<string, unknown>) {
  return {
    topic: name,
    payload: redact(data),
    live: {
      event: null,
      rawEvent: name,
      at: isoTime(now()),
      cause: 'event',
      application: application.kind,
      connection: connectionOf(application),
    },
  };
}
