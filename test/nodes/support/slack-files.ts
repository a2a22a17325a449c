// A stand-in for the part of Slack's interface that takes files: a place, the bytes, and then the channel.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SharedPicture {
  picture: Buffer;
  filename: string;
  channel: string;
  comment: string;
}

export interface PicturesOfSlack {
  /** in place of https://slack.com/api */
  readonly api: string;
  /** what stands in the channel */
  readonly shared: SharedPicture[];
  /** the error with which a file is no longer taken into the channel; null: it is */
  refuses: string | null;
  close(): Promise<void>;
}

/** Takes pictures as Slack does, for whoever has this token, into this one channel. */
export async function startPicturesOfSlack(token: string, channel: string): Promise<PicturesOfSlack> {
  const places = new Map<string, { filename: string; length: number; picture: Buffer | null }>();
  const shared: SharedPicture[] = [];
  const answer = (request: IncomingMessage, body: Buffer): object | null => {
    const { url = '', headers } = request;
    const type = String(headers['content-type']);
    if (url.startsWith('/upload/')) {
      const place = places.get(url.slice('/upload/'.length));
      if (place?.length !== body.length) return null;
      place.picture = body;
      return {};
    }
    if (headers.authorization !== `Bearer ${token}`) return { ok: false, error: 'invalid_auth' };
    if (url === '/api/files.getUploadURLExternal') {
      // this method takes no JSON
      if (!type.startsWith('application/x-www-form-urlencoded'))
        return { ok: false, error: 'invalid_arguments' };
      const form = new URLSearchParams(body.toString('utf8'));
      const id = `F${places.size + 1}`;
      places.set(id, { filename: form.get('filename')!, length: Number(form.get('length')), picture: null });
      return { ok: true, upload_url: `${slack.api.slice(0, -'/api'.length)}/upload/${id}`, file_id: id };
    }
    if (url !== '/api/files.completeUploadExternal') return { ok: false, error: 'unknown_method' };
    if (slack.refuses) return { ok: false, error: slack.refuses };
    const wish = JSON.parse(body.toString('utf8')) as {
      files: { id: string }[];
      channel_id: string;
      initial_comment: string;
    };
    const place = places.get(wish.files[0]!.id);
    if (wish.channel_id !== channel) return { ok: false, error: 'channel_not_found' };
    if (!place?.picture) return { ok: false, error: 'file_not_found' };
    const { picture, filename } = place;
    shared.push({ picture, filename, channel, comment: wish.initial_comment });
    return { ok: true, files: wish.files };
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const said = request.method === 'POST' ? answer(request, Buffer.concat(pieces)) : null;
      response.writeHead(said ? 200 : 400, { connection: 'close' }).end(said ? JSON.stringify(said) : 'no');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const slack: PicturesOfSlack = {
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    shared,
    refuses: null,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
  return slack;
}
