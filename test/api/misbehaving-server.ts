import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach } from "vitest";

/** A server of a test: where it listens, and what it was asked. */
export interface TestServer {
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
}

/** Starts servers on loopback; all end after the test. */
export function testServers(): {
  /** One that speaks HTTP. */
  readonly http: (answer: RequestListener) => Promise<TestServer>;
  /** One that writes whatever bytes it likes. */
  readonly raw: (talk: (socket: Socket) => void) => Promise<TestServer>;
} {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  async function listen(server: Server): Promise<string> {
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined); // the client may cut it
    });
    ends.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  return {
    http: async (answer) => {
      const requests: IncomingMessage[] = [];
      const server = createServer((request, response) => {
        requests.push(request);
        answer(request, response);
      });
      return { url: await listen(server), requests };
    },
    raw: async (talk) => ({ url: await listen(createTcpServer(talk)), requests: [] }),
  };
}

/** The whole body of a request, as JSON. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}
