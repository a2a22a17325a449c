// A camera: serves one stream by RTSP, interleaved over TCP (RFC 2326), from the RTP that ffmpeg makes of a clip.
import { type Socket as UdpSocket, createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { type Socket, createServer } from 'node:net';
import { join } from 'node:path';
import { freePort } from './ports';
import { startProgram } from './programs';
import { removeTempDir, tempDir } from './temp';
import { waitFor } from './wait';

export interface Camera {
  readonly address: string;
  close(): Promise<void>;
}

/** Plays this clip in a loop to everybody who asks, pictures only. */
export async function startCamera(clip: string): Promise<Camera> {
  const folder = tempDir('camera');
  const sdpFile = join(folder, 'camera.sdp');
  const udp: UdpSocket = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const rtp = `rtp://127.0.0.1:${udp.address().port}?pkt_size=1200`;
  const program = await startProgram('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', clip],
    ...['-an', '-c', 'copy', '-sdp_file', sdpFile, '-f', 'rtp', rtp],
  ]);
  const sdp = await waitFor(() => readFileSync(sdpFile, 'utf8'), {
    message: 'the description of the camera',
  });
  const playing = new Set<Socket>();
  const sockets = new Set<Socket>();
  udp.on('message', (packet) => {
    // RTCP comes to the next port
    const head = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 255]);
    for (const socket of playing) socket.write(Buffer.concat([head, packet]));
  });
  const description = `${sdp
    .replace(/^SDP:\s*/, '')
    .replace(/^m=video \d+/m, 'm=video 0')
    .trim()}\r\na=control:track1\r\n`;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => [playing, sockets].forEach((set) => set.delete(socket)));
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        const method = /(\w+) rtsp/.exec(request)?.[1] ?? '';
        const head = `RTSP/1.0 200 OK\r\nCSeq: ${/^CSeq: (\d+)/im.exec(request)?.[1] ?? 0}\r\nSession: 1\r\n`;
        const body = method === 'DESCRIBE' ? description : '';
        const more: Record<string, string> = {
          OPTIONS: 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n',
          DESCRIBE: `Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n`,
          SETUP: 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n',
        };
        socket.write(`${head}${more[method] ?? ''}\r\n${body}`);
        if (method === 'PLAY') playing.add(socket);
      }
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    address: `rtsp://127.0.0.1:${port}/cam`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      udp.close();
      await program.close('SIGKILL');
      removeTempDir(folder);
    },
  };
}
