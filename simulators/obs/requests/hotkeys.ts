import { Refusal } from '../fields';
import type { Studio } from '../studio';

const PAIRS: [string, string][] = [
  ['OBSBasic.StartStreaming', 'OBSBasic.StopStreaming'],
  ['OBSBasic.StartRecording', 'OBSBasic.StopRecording'],
  ['OBSBasic.PauseRecording', 'OBSBasic.UnpauseRecording'],
  ['OBSBasic.StartReplayBuffer', 'OBSBasic.StopReplayBuffer'],
  ['OBSBasic.StartVirtualCam', 'OBSBasic.StopVirtualCam'],
];

/** The names GetHotkeyList tells. */
export function hotkeys(studio: Studio): string[] {
  return [
    ...(studio.replay.available ? ['ReplayBuffer.Save'] : []),
    'OBSBasic.StartStreaming',
    'OBSBasic.StopStreaming',
    'OBSBasic.ForceStopStreaming',
    'OBSBasic.StartRecording',
    'OBSBasic.StopRecording',
    'OBSBasic.PauseRecording',
    'OBSBasic.UnpauseRecording',
    'OBSBasic.SplitFile',
    ...(studio.replay.available ? ['OBSBasic.StartReplayBuffer', 'OBSBasic.StopReplayBuffer'] : []),
    ...(studio.camera.available ? ['OBSBasic.StartVirtualCam', 'OBSBasic.StopVirtualCam'] : []),
    'OBSBasic.EnablePreview',
    'OBSBasic.DisablePreview',
    'OBSBasic.ShowContextBar',
    'OBSBasic.HideContextBar',
    'OBSBasic.TogglePreviewProgram',
    'OBSBasic.Transition',
    'OBSBasic.ResetStats',
    'OBSBasic.Screenshot',
    'OBSBasic.SelectedSourceScreenshot',
    ...studio.production.scenes.map(() => 'OBSBasic.SelectScene'),
  ];
}

/** Press a hotkey: what it does happens without an answer, and what cannot be done just doesn't happen. */
export function pressHotkey(studio: Studio, name: string): void {
  const pair = PAIRS.find((names) => names.includes(name));
  const id = pair?.[0];
  // measured: the key is pressed and never released, so after one of a pair the other does nothing any more
  const other = id === undefined ? undefined : studio.pressed.get(id);
  if (other !== undefined && other !== name) return;
  if (act(studio, name) && id !== undefined) studio.pressed.set(id, name);
}

function act(studio: Studio, name: string): boolean {
  const { stream, record, replay, camera, production } = studio;
  try {
    switch (name) {
      case 'OBSBasic.StartStreaming':
        stream.start();
        return true;
      case 'OBSBasic.StopStreaming':
        stream.stop();
        return true;
      case 'OBSBasic.StartRecording':
        record.start();
        return true;
      case 'OBSBasic.StopRecording':
        record.stop();
        return true;
      case 'OBSBasic.PauseRecording':
        record.pause();
        return record.paused;
      case 'OBSBasic.UnpauseRecording':
        record.resume();
        return !record.paused;
      case 'OBSBasic.StartReplayBuffer':
        replay.start();
        return true;
      case 'OBSBasic.StopReplayBuffer':
        replay.stop();
        return true;
      case 'OBSBasic.StartVirtualCam':
        camera.start();
        return true;
      case 'OBSBasic.StopVirtualCam':
        camera.stop();
        return true;
      case 'ReplayBuffer.Save':
        replay.save();
        return true;
      case 'OBSBasic.TogglePreviewProgram':
        production.transitions.setStudioMode(!production.transitions.studioMode);
        return true;
      case 'OBSBasic.Transition':
        production.transitions.trigger();
        return true;
      default:
        return false;
    }
  } catch (refused) {
    if (refused instanceof Refusal) return false;
    throw refused;
  }
}
