// Nodes of the benchmark's own: where messages arrive, and what a Node-RED node with the bare library would be.
'use strict';
const { OBSWebSocket } = require('obs-websocket-js/json');

module.exports = (RED) => {
  RED.nodes.registerType('bench-sink', function Sink(config) {
    RED.nodes.createNode(this, config);
    this.hear = () => undefined;
    this.on('input', (msg, _send, done) => {
      this.hear(msg.payload);
      done();
    });
  });

  RED.nodes.registerType('bench-bare-node', function BareNode(config) {
    RED.nodes.createNode(this, config);
    const obs = new OBSWebSocket();
    this.connect = (url, password, event) => {
      obs.on(event, (payload) => this.send({ topic: event, payload }));
      return obs.connect(url, password);
    };
    this.on('close', (_removed, done) => void obs.disconnect().finally(done));
  });
};
