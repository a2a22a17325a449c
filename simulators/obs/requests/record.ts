import { Refusal } from '../fields';
import { recordFolder } from '../record-path';
import { Status } from '../tables/codes';
import type { Handler } from './handler';

/** Record requests. */
export const record: Record<string, Handler> = {
  GetRecordStatus: ({ studio }) => studio.record.status(),

  StartRecord: ({ studio }) => studio.record.start(),

  StopRecord: ({ studio }) => ({ outputPath: studio.record.stop() }),

  ToggleRecord: ({ studio }) => {
    const outputActive = !studio.record.frontendActive;
    if (outputActive) studio.record.start();
    else studio.record.stop();
    return { outputActive };
  },

  PauseRecord: ({ studio }) => studio.record.pause(),

  ResumeRecord: ({ studio }) => studio.record.resume(),

  ToggleRecordPause: ({ studio }) => ({ outputPaused: studio.record.togglePause() }),

  SplitRecordFile: ({ studio }) => studio.record.split(),

  CreateRecordChapter: ({ studio, fields }) => {
    fields.optionalString('chapterName');
    studio.record.chapter();
  },

  GetRecordDirectory: ({ studio }) => ({ recordDirectory: recordFolder(studio.profiles) }),

  SetRecordDirectory: ({ studio, fields }) => {
    const folder = fields.string('recordDirectory');
    if (studio.record.outputActive) throw new Refusal(Status.OutputRunning);
    if (studio.profiles.advanced) studio.profiles.set('AdvOut', 'RecFilePath', folder);
    else studio.profiles.set('SimpleOutput', 'FilePath', folder);
  },
};
