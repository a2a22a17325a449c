// What tests use of the harness.
export { certificates } from './certificates';
export { display } from './display';
export { type Fault, type Survives, FaultyDisk } from './faulty-disk';
export {
  type GuestPublisher,
  type GuestServer,
  type HeardHook,
  type HookAddress,
  hookLines,
  publisher,
  startGuestServer,
  startHookAddress,
} from './guests';
export { type Probe, type SrtListener, ffprobe, startSrtListener } from './media';
export { notApplicable, requirePrograms, requireStrace } from './mocha';
export { type ObsOptions, type RealObs, obsVersion, startObs } from './obs';
export { sceneNames } from './obs-files';
export { freePort, freeUdpPort, listens, udpBound } from './ports';
export { type Program, alive, findProgram, startProgram } from './programs';
export { loops, scale } from './scale';
export {
  type NginxRtmp,
  type Publisher,
  type TcpServer,
  type ThrottledProxy,
  rtmpModule,
  startHangServer,
  startNginxRtmp,
  startThrottledProxy,
} from './servers';
export { type SmallDisk, smallDisk } from './small-disk';
export { removeTempDir, tempDir } from './temp';
export { lookEvery, type WaitOptions, waitFor } from './wait';
export { type WrittenEntry, type WrittenLog, writtenLog } from './written-log';
