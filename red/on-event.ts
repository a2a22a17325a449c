import type { Application, Release } from '../lib/production/application';
import type { ProductionEvent } from '../lib/production/vocabulary';
import { asLiveError } from '../lib/errors';
import { redactError } from '../lib/secrets';
import type { Badge } from './badges';
import { connectionId, useApplication, useEveryApplication } from './connections';
import type { ApplicationDef, Node, NodeAPI } from './types';

/** What a trigger wants to hear. */
export interface Trigger {
  wants(event: ProductionEvent): boolean;
  /** also tell the present state once, at the start */
  present: boolean;
  send(application: Application, event: ProductionEvent): void;
  /** what the badge follows beside the connection */
  follow?: (application: Application, badge: Badge) => Release;
}

/** Hear the events of the connection a dialog names, or of every connection to its application where it names none. */
export function onEvent(
  RED: NodeAPI,
  node: Node,
  config: ApplicationDef,
  badge: Badge,
  trigger: Trigger,
): void {
  const named = connectionId(config) !== '';
  const listen = (application: Application): Release => {
    const releases = [
      application.events.onEvent((event) => {
        if (trigger.wants(event)) trigger.send(application, event);
      }),
    ];
    if (trigger.follow && named) releases.push(trigger.follow(application, badge));
    if (trigger.present)
      releases.push(
        tellPresent(application, trigger, (error) => node.error(redactError(asLiveError(error)))),
      );
    return () => {
      for (const release of releases) release();
    };
  };
  if (named) useApplication(RED, node, config, badge, listen);
  else useEveryApplication(node, config.application ?? 'obs', badge, listen);
}

/** Once, as soon as the connection knows its state. */
function tellPresent(application: Application, trigger: Trigger, onFault: (error: unknown) => void): Release {
  let told = false;
  const tell = () => {
    if (told || application.status().state !== 'ready') return;
    told = true;
    try {
      for (const event of application.events.present())
        if (trigger.wants(event)) trigger.send(application, event);
    } catch (error) {
      onFault(error);
    }
  };
  // wires are not connected yet while a node is being made
  const soon = setImmediate(tell);
  const release = application.onStatus(() => tell());
  return () => {
    clearImmediate(soon);
    release();
  };
}
