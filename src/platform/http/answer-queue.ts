import type { ServerResponse } from "node:http";

/** Answers that are whole and go out together. */
export interface AnswerQueue {
  /** Ends an answer, with the rest of its body, when this turn of the event loop is over. */
  end(response: ServerResponse, body: string | Buffer | undefined): void;
  /** Ends now what waits. */
  flush(): void;
}

/**
 * Makes the queue. One turn reads what came on many connections; to write each answer in between makes the kernel wake who
 * waits for it, again and again, which costs as much as judging a call. Written together, most find their reader awake.
 */
export function answerQueue(): AnswerQueue {
  let waiting: (readonly [ServerResponse, string | Buffer | undefined])[] = [];

  function flush(): void {
    const answers = waiting;
    waiting = [];
    for (const [response, body] of answers) response.end(body);
  }

  return {
    end: (response, body) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push([response, body]);
    },
    flush,
  };
}
