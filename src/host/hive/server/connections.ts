import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections of a server, by the number of requests that each has under way. */
export type Connections = {
  /** Ends those that no request is on: Node.js takes one for busy that has not had any yet. */
  readonly endUnused: () => void;
};

export function connectionsOf(server: Server): Connections {
  const requests = new Map<Socket, number>();
  const add = (socket: Socket, change: number) => {
    const before = requests.get(socket);
    if (before !== undefined) requests.set(socket, before + change);
  };
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    add(socket, 1);
    response.once('close', () => add(socket, -1));
  });
  return {
    endUnused: () => {
      for (const [socket, count] of requests) if (count === 0) socket.destroySoon();
    },
  };
}
