import { ActBook } from './acts';
import type { Fact, FactReader } from './facts';
import { IncidentBook } from './incidents';
import { Outages } from './outages';
import { OutputBook } from './outputs';
import { RecordingBook } from './recordings';
import { SceneBook } from './scenes';
import { StreamBook } from './streams';
import { textOf, valuesOf } from './values';

/** Everything that was followed from the first to the last entry. */
export interface Story {
  streams: StreamBook;
  recordings: RecordingBook;
  outputs: OutputBook;
  scenes: SceneBook;
  incidents: IncidentBook;
  acts: ActBook;
  outages: Outages;
  /** of switches between sources that failed, and of live sources that gave no picture */
  switches: Fact[];
  /** whether applications told of themselves, and whether action nodes did */
  heard: { events: boolean; actions: boolean };
}

/** Go through what happened, in its order. `lastMs`: the time of the last entry. */
export function followStory(reader: FactReader, lastMs: number): Story {
  const outages = new Outages();
  const streams = new StreamBook(outages);
  const recordings = new RecordingBook(outages);
  const outputs = new OutputBook(outages);
  const scenes = new SceneBook(outages);
  const incidents = new IncidentBook();
  const acts = new ActBook();
  const switches: Fact[] = [];
  const heard = { events: false, actions: false };

  const stopAll = (fact: Fact): void => {
    const reports = (Array.isArray(fact.payload.outputs) ? fact.payload.outputs : []).map(valuesOf);
    const stopped = reports.filter(({ was, state }) => state === 'idle' && was !== 'idle');
    const names = new Set(stopped.map(({ name }) => textOf(name) ?? ''));
    streams.stopAll(fact, names);
    recordings.stopAll(fact, names, (name) => textOf(reports.find((one) => one.name === name)?.path));
    outputs.stopAll(fact, names);
  };

  for (const fact of reader.facts()) {
    if (fact.action !== null) heard.actions = true;
    // the package's own alerts say nothing of whether an application is heard
    else if (!fact.event?.startsWith('health_')) heard.events = true;
    switch (fact.event) {
      case 'obs_disconnected':
      case 'vmix_disconnected':
        streams.wasAsLost(fact);
        recordings.wasAsLost(fact);
        outages.lost(fact, textOf(fact.payload.message));
        break;
      case 'obs_connected':
      case 'vmix_connected':
        outages.back(fact);
        break;
      case 'emergency_stop_all':
        stopAll(fact);
        break;
      case 'source_switch_failed':
      case 'source_stalled':
      case 'source_ended':
        switches.push(fact);
        break;
    }
    streams.take(fact);
    recordings.take(fact);
    outputs.take(fact);
    scenes.take(fact);
    incidents.take(fact);
    acts.take(fact);
  }
  const untilMs = (connection: string): number => outages.awaySinceMs(connection) ?? lastMs;
  streams.finish(untilMs);
  recordings.finish(untilMs);
  outputs.finish(untilMs);
  scenes.finish(untilMs);
  return { streams, recordings, outputs, scenes, incidents, acts, outages, switches, heard };
}
