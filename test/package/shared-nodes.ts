/**
 * The connections that examples share: whoever imports several of them gets each of these once, since the editor finds a configuration
 * node by its id. Copy one from here into an example, as it is.
 */
export const obsRehearsal = {
  id: '82d97894d0cfd33d',
  type: 'live-obs-connection',
  name: 'OBS (rehearsal)',
  configVersion: 1,
  connectTo: 'rehearsal',
  host: '127.0.0.1',
  port: '4455',
  tls: false,
};
export const vmixRehearsal = {
  id: '6fa84364c530b3ba',
  type: 'live-vmix-connection',
  name: 'vMix (rehearsal)',
  configVersion: 1,
  connectTo: 'rehearsal',
  host: '127.0.0.1',
  port: '8088',
  tcpPort: '8099',
  channels: 'auto',
  pollSeconds: '2',
  allowScripts: false,
  sharedThere: '',
  sharedHere: '',
  logFolder: '',
};
/** People and their keys are the same for every queue. */
export const guestKeys = {
  id: 'f192a5fbbbad77c6',
  type: 'live-stream-keys',
  name: 'guests',
  configVersion: 1,
  folder: '',
  mostPeople: '1000',
};
/** The ingest of Node-RED itself: one port, so one node for all examples. */
export const ingestHere = {
  id: '6e75343e54d81657',
  type: 'live-rtmp-ingest',
  name: 'guests come here',
  configVersion: 1,
  simulate: false,
  host: '127.0.0.1',
  port: '1935',
  app: 'live',
  keys: 'f192a5fbbbad77c6',
  mostPublishers: '10',
  duplicates: 'reject',
  graceSeconds: '10',
  maxWidth: '7680',
  maxHeight: '4320',
  maxKbps: '',
  tls: '',
  playFrom: 'localhost',
  ownProcess: false,
  ffmpeg: '',
  publishAddress: '',
};
/** One store for all pictures. */
export const frameStore = {
  id: 'b7d4e2915c60fa38',
  type: 'live-frame-store',
  name: 'pictures of the show',
  configVersion: 1,
  folder: '',
  keepDays: '30',
  mostGb: '50',
  leastFreeGb: '5',
  page: false,
  pageTitle: '',
  pageHost: '127.0.0.1',
  pagePort: '8933',
  pageAddress: '',
  pageProxies: '',
  pageTls: '',
};
/** The record of what was on air, with the hash of each picture. */
export const picturesLog = {
  id: '3d0c9be4f7a6125e',
  type: 'live-witness-log',
  name: 'record of the pictures',
  configVersion: 1,
  folder: '',
  fields: 'topic, payload, live, alert, user, frame',
  durability: 'group',
  ifFailed: 'go-on',
  cosigners: [],
  needed: '',
  countersign: false,
  host: '127.0.0.1',
  port: '8479',
  logs: [],
  origin: '',
  stateFolder: '',
  longestText: '8192',
  mostMegabytes: '0',
  checkpointSeconds: '10',
  checkpointEntries: '1000',
};
export const sharedNodes = [obsRehearsal, vmixRehearsal, guestKeys, ingestHere, frameStore, picturesLog];
