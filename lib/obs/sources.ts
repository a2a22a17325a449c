import { fail } from '../errors';
import { SourceTurns } from '../production/source-turns';
import type { SourceAspect, SourceChange, SourceChanged, Sources } from '../production/sources';
import type { ObsClient } from './client';
import { listFrom } from './probe';
import type { Outcome, Subject } from './source-asks';
import { setFilter } from './source-filter';
import { LIST_OF, sourceList } from './source-lists';
import { controlMedia } from './source-media';
import { setImage, setText } from './source-settings';
import { setMonitoring, setMute, setVolume } from './source-sound';
import { setVisible } from './source-visible';

/** Changes of the sources of an OBS, each read back before it counts. */
export class ObsSources implements Sources {
  readonly aspects: readonly SourceAspect[] = [
    'visible',
    'text',
    'image',
    'mute',
    'volume',
    'monitoring',
    'media',
    'filter',
  ];
  private readonly turns = new SourceTurns();

  constructor(private readonly client: ObsClient) {}

  /**
   * Make a change and see that it is so. The same change asked for twice at once is made once, others of the same thing come one after the other; of
   * volumes the newest counts, and what it overtook rejects with SOURCE_OVERTAKEN.
   */
  async set(change: SourceChange): Promise<SourceChanged> {
    const { what, source } = change;
    if (source === '') throw fail('INPUT_INVALID', { field: 'source', reason: 'it is empty' });
    const within = what === 'visible' ? change.scene : what === 'filter' ? change.filter : null;
    const newest = what === 'volume' ? () => fail('SOURCE_OVERTAKEN', { source }) : undefined;
    const outcome = await this.turns.take(
      JSON.stringify([what, source, within]),
      JSON.stringify(change),
      (overtaken) => this.change({ client: this.client, what, source, overtaken }, change),
      newest,
    );
    return { source, what, ...outcome };
  }

  /** Sources of this OBS that have the aspect. */
  async list(what: SourceAspect, scene: string | null = null): Promise<string[]> {
    const list = LIST_OF[what];
    if (list === null) return [];
    return (await listFrom(this.client, list, scene ?? '')).map(({ value }) => value);
  }

  /** The filters of a source; texts and images of OBS have no fields. */
  async listWithin(what: 'filter' | 'text' | 'image', source: string): Promise<string[]> {
    if (what !== 'filter') return [];
    return (await sourceList(this.client, 'filters', source)).map(({ value }) => value);
  }

  private async change(subject: Subject, change: SourceChange): Promise<Outcome> {
    switch (change.what) {
      case 'visible':
        return setVisible(subject, change.scene, change.on);
      case 'text':
        return setText(subject, change.text);
      case 'image':
        return setImage(subject, change.file);
      case 'mute':
        return setMute(subject, change.on);
      case 'volume':
        return setVolume(subject, change.db, change.rampMs);
      case 'monitoring':
        return setMonitoring(subject, change.mode);
      case 'media':
        return controlMedia(subject, change.action);
      case 'filter':
        return setFilter(subject, change.filter, change.on);
      case 'overlay':
        throw fail('CAPABILITY_MISSING', {
          application: 'OBS',
          action: 'overlays',
          advice: 'Show or hide a source of the scene instead.',
        });
    }
  }
}
