import { randomBytes } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { isoTime, now } from '../connection/clock';
import { isThisMachine } from '../connection/this-machine';
import { fail, type LiveError } from '../errors';
import { pathThere } from '../production/picture-files';
import {
  contentTypeOf,
  type Picture,
  type PictureFormat,
  type PictureRequest,
  type Pictures,
  type SavedPicture,
} from '../production/pictures';
import { redactText } from '../secrets';
import type { VmixClient } from './client';
import type { VmixExtras } from './extras';
import { findInput, inputParameter, resolveInput } from './inputs';
import { FileFault, PictureFiles, type ReadPicture } from './picture-files';
import type { VmixInput, VmixState } from './state-types';
import { below, windowsPath, type WindowsPath } from './windows-path';

const HERE = 'the computer Node-RED runs on';
const THERE = 'the computer vMix runs on';
/** An input that was added just now is in the next state. */
const FRESH_MS = 5_000;
/** A picture that came too late is removed after this long. */
const SWEEP_MS = 30_000;

/** A file on the vMix machine as Node-RED calls it, and the folder that it must not lead out of. */
interface Reachable {
  path: string;
  within: string;
}

export interface VmixPicturesOptions extends Pick<VmixExtras, 'sharedThere' | 'sharedHere'> {
  host: string;
  files?: PictureFiles;
}

/**
 * Pictures of what a vMix shows. It only writes files on its own machine, later than it says OK, and never says whether it did; so
 * what is known of them comes from the file itself, where Node-RED can read it.
 */
export class VmixPictures implements Pictures {
  private readonly files: PictureFiles;
  private readonly late = new Set<string>();
  private readonly sweeps = new Set<NodeJS.Timeout>();

  constructor(
    private readonly client: VmixClient,
    private readonly options: VmixPicturesOptions,
  ) {
    this.files = options.files ?? new PictureFiles();
  }

  fileThere(path: string, format: PictureFormat, overwrite: boolean): (source: string) => string {
    const checked = windowsPath(path);
    const nameFor = pathThere(checked.text, format, overwrite, 'vMix');
    // vMix takes braces for the format of a date
    return (source) => windowsPath(nameFor(source.replace(/[{}]/g, '_'))).text;
  }

  async take({ source: wanted, format }: PictureRequest): Promise<Picture> {
    const { input, source } = await this.subject(wanted);
    const name = `live-production-${randomBytes(12).toString('hex')}.${format}`;
    const [there, here] = this.folder();
    const file = { path: join(here, name), within: here };
    try {
      await this.files.before(file.path, here);
    } catch (error) {
      throw this.unreadable(error, there, here);
    }
    try {
      const takenAt = await this.ask(input, windowsPath(`${there}\\${name}`).text);
      const { data, ...is } = await this.files.read(file.path, here, null);
      return { data, source, ...is, contentType: contentTypeOf(is.format), takenAt };
    } catch (error) {
      throw this.unreadable(error, there, here);
    } finally {
      await this.discard(file.path);
    }
  }

  async saveThere(request: PictureRequest, pathFor: (source: string) => string): Promise<SavedPicture> {
    const { input, source } = await this.subject(request.source);
    const path = windowsPath(pathFor(source));
    const file = this.reachable(path);
    let before: string | null = null;
    let why = typeof file === 'string' ? file : null;
    if (typeof file !== 'string')
      try {
        before = await this.files.before(file.path, file.within);
      } catch (error) {
        why = this.whyNotSeen(error, path, file);
      }
    const takenAt = await this.ask(input, path.text);
    let is: ReadPicture | null = null;
    if (typeof file !== 'string' && why === null)
      try {
        is = await this.files.read(file.path, file.within, before);
      } catch (error) {
        why = this.whyNotSeen(error, path, file);
      }
    return saved({ path: path.text, source, takenAt }, request.format, is, why ?? '');
  }

  /** What is left of pictures that came too late goes. */
  async close(): Promise<void> {
    for (const timer of this.sweeps) clearTimeout(timer);
    this.sweeps.clear();
    await Promise.all([...this.late].map((path) => this.files.remove(path)));
  }

  private async subject(wanted: string | null): Promise<{ input: VmixInput | null; source: string }> {
    const state = this.state();
    if (wanted === null) {
      const onAir = state.inputs.find(({ number }) => number === state.active);
      return { input: null, source: redactText(onAir?.title || 'Program') };
    }
    const found = findInput(state, wanted);
    if (!found.input && found.several.length === 0) await this.client.until((fresh) => fresh, FRESH_MS);
    const input = resolveInput(this.state(), wanted, 'SOURCE_UNKNOWN');
    return { input, source: redactText(input.title || `Input ${input.number}`) };
  }

  /** Throws why there is none. */
  private state(): VmixState {
    const { state, status, where } = this.client;
    if (state) return state;
    throw status.fault ?? fail('VMIX_NOT_CONNECTED', { where, state: status.state });
  }

  private async ask(input: VmixInput | null, value: string): Promise<string> {
    let takenAtMs = now();
    // it may wait for its turn
    const unless = () => void (takenAtMs = now());
    if (input)
      await this.client.call({ name: 'SnapshotInput', input: inputParameter(input), value }, { unless });
    else await this.client.call({ name: 'Snapshot', value }, { unless });
    return isoTime(takenAtMs);
  }

  /** The folder for pictures that Node-RED fetches, by both its names. */
  private folder(): [there: string, here: string] {
    const { sharedThere, sharedHere } = this.options;
    if (sharedThere !== null && sharedHere !== null) return [windowsPath(sharedThere).text, sharedHere];
    if (sharedThere !== null && this.isHere(sharedThere)) return [windowsPath(sharedThere).text, sharedThere];
    throw fail('VMIX_PICTURE_FOLDER_NOT_SET');
  }

  /** The same file as Node-RED calls it, or why it cannot be looked at. */
  private reachable(path: WindowsPath): Reachable | string {
    const { sharedThere, sharedHere } = this.options;
    if (sharedThere !== null && sharedHere !== null) {
      const parts = below(path, windowsPath(sharedThere));
      if (parts !== null) return { path: join(sharedHere, ...parts), within: sharedHere };
    }
    if (this.isHere(path.text)) return { path: path.text, within: path.root };
    return 'vMix writes the file on its own computer after its OK and never tells whether it did, and Node-RED cannot read this folder';
  }

  /** Whether vMix runs on this very machine, and so means the same file by this path. */
  private isHere(path: string): boolean {
    return isAbsolute(path) && isThisMachine(this.options.host);
  }

  private unreadable(error: unknown, there: string, here: string): unknown {
    if (!(error instanceof FileFault)) return error;
    if (error.fault === 'root' || error.fault === 'folder')
      return fail('PICTURE_FOLDER_MISSING', { folder: here, machine: HERE }, error);
    if (error.fault === 'late') return this.notSaved(there, error);
    return fail('VMIX_PICTURE_UNREADABLE', { there, here, reason: error.message }, error);
  }

  /** Why a file that vMix wrote by its own account cannot be confirmed. Throws where it is known that it is not there. */
  private whyNotSeen(error: unknown, path: WindowsPath, file: Reachable | string): string {
    if (!(error instanceof FileFault) || typeof file === 'string') throw error;
    if (error.fault === 'late') throw this.notSaved(path.text, error);
    const folder = path.text.replace(/\\[^\\]*$/, '');
    if (error.fault === 'folder') throw fail('PICTURE_FOLDER_MISSING', { folder, machine: THERE }, error);
    return `vMix never tells whether it wrote a file, and Node-RED cannot look at it: ${error.message}`;
  }

  private notSaved(path: string, error: FileFault): LiveError {
    const reason = `vMix said OK, and ${error.message}. Look whether this folder exists there, whether vMix may write to it, and whether its disk is full`;
    return fail('PICTURE_NOT_SAVED', { path, reason }, error);
  }

  /** Remove a picture of ours. What is not there, or held by another program, is looked for once more. */
  private async discard(path: string): Promise<void> {
    if (await this.files.remove(path)) return;
    this.late.add(path);
    const sweep = setTimeout(() => {
      this.sweeps.delete(sweep);
      this.late.delete(path);
      void this.files.remove(path);
    }, SWEEP_MS);
    sweep.unref();
    this.sweeps.add(sweep);
  }
}

function saved(
  about: Pick<SavedPicture, 'path' | 'source' | 'takenAt'>,
  wished: PictureFormat,
  is: ReadPicture | null,
  why: string,
): SavedPicture {
  if (!is) {
    const none = { format: wished, width: null, height: null, sizeBytes: null };
    const unknown = { width: why, height: why, sizeBytes: why, confirmedBy: why };
    return { ...about, ...none, confirmed: false, unknown };
  }
  const { data, format, width, height } = is;
  return { ...about, format, width, height, sizeBytes: data.length, confirmed: true, unknown: {} };
}
