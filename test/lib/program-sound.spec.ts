// Which inputs go out, as the questions and the changes that cross them say.
import assert from 'node:assert/strict';
import type { ObsClient } from '../../lib/obs/client';
import { ProgramSound } from '../../lib/obs/program-sound';
import type { BatchResult, RequestData } from '../../lib/obs/session';

describe('the sound of an OBS program', () => {
  const events = new Map<string, (data: RequestData) => void>();
  const client = {
    on: (event: string, hear: (data: RequestData) => void) => {
      events.set(event, hear);
      return () => events.delete(event);
    },
  } as unknown as ObsClient;
  const answers = (inputMuted: boolean) =>
    [{ inputMuted }, { monitorType: 'OBS_MONITORING_TYPE_NONE' }, { inputAudioTracks: { 1: true } }].map(
      (responseData) => ({ responseData }),
    ) as unknown as BatchResult[];
  const begin = () => {
    const sound = new ProgramSound(client);
    sound.listen(true, () => 1);
    const meter = () =>
      events.get('InputVolumeMeters')?.({
        inputs: [{ inputName: 'Microphone', inputLevelsMul: [[0.3, 0.5, 0.5]] }],
      });
    const mute = (inputMuted: boolean) =>
      events.get('InputMuteStateChanged')?.({ inputName: 'Microphone', inputMuted });
    const heard = () => {
      meter();
      return sound.read().sound?.heard;
    };
    meter();
    sound.requests();
    sound.answers(answers(false));
    assert.deepEqual(heard(), ['Microphone']);
    return { sound, meter, mute, heard };
  };

  it('asks once more about an input that changed while it was asked', () => {
    const { sound, mute, heard } = begin();
    mute(true);
    assert.equal(sound.requests().length, 3);
    mute(false);
    // what OBS said before it was unmuted
    sound.answers(answers(true));
    assert.equal(sound.requests().length, 3);
    sound.answers(answers(false));
    assert.deepEqual(heard(), ['Microphone']);
    assert.equal(sound.requests().length, 0);
  });

  it('asks once more what got no answer', () => {
    const { sound, mute, heard } = begin();
    mute(true);
    sound.requests();
    assert.equal(sound.requests().length, 3);
    sound.answers(answers(true));
    assert.deepEqual(heard(), []);
    assert.equal(sound.requests().length, 0);
  });

  it('asks once about what the meters list again and again before the answer is there', () => {
    const { sound, meter, heard } = begin();
    sound.forget();
    meter();
    assert.equal(sound.requests().length, 3);
    meter();
    sound.answers(answers(false));
    assert.equal(sound.requests().length, 0);
    assert.deepEqual(heard(), ['Microphone']);
  });

  it('asks again about an input that OBS did not know', () => {
    const { sound, meter, mute } = begin();
    mute(true);
    sound.requests();
    meter();
    sound.answers([]);
    assert.equal(sound.requests().length, 0);
    meter();
    assert.equal(sound.requests().length, 3);
  });

  it('asks once more where the scene collection changed while it was asked', () => {
    const { sound, mute, heard } = begin();
    mute(false);
    sound.requests();
    events.get('CurrentSceneCollectionChanged')?.({});
    // of the collection before
    sound.answers(answers(true));
    assert.equal(sound.requests().length, 3);
    sound.answers(answers(false));
    assert.deepEqual(heard(), ['Microphone']);
  });
});
