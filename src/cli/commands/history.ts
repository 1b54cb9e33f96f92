import { readChanges, readHistory } from "../../apply/read-history.ts";
import { nameKey } from "../../core/key-name.ts";
import { historyJson } from "../../report/history-json.ts";
import { historyText } from "../../report/history-text.ts";
import type { HistoryEntry } from "../../report/history-view.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { historyEntry } from "../history-entries.ts";
import { styleFor } from "../output.ts";
import { listDeletedKeys, withExistingPlatform } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";

interface HistoryInput extends AccountInput {
  readonly key?: string;
  readonly limit: string;
  readonly json?: boolean;
}

/** `algokeys history`: who changed what, when and how, newest first; of one key, under whatever name it had then. */
export async function history(input: HistoryInput, context: Context): Promise<ExitCode> {
  const limit = readLimit(input.limit);
  const live = await readAccount(input, context);
  const account = live.account.name;
  const url = platformUrl(input, context);
  const id = input.key === undefined ? undefined : await idOf(input.key);
  const { signal } = context;
  const entries: HistoryEntry[] = [];
  let complete = true;
  await withExistingPlatform(url, context, async ({ api }) => {
    for await (const record of readHistory(api, account, { signal })) {
      if (id !== undefined && !record.results.some((result) => result.id === id)) continue;
      if (entries.length === limit) {
        complete = false;
        break;
      }
      const changes = await readChanges(api, account, record.id, { signal });
      entries.push(historyEntry(record, id === undefined ? changes : changes.filter((one) => one.id === id), account));
    }
  });
  if (input.json === true) context.stdout.write(historyJson(account, entries, complete));
  else context.stdout.write(historyText(entries, styleFor(context.stdout, input, context), context.now()));
  return EXIT.ok;

  /** The live key of that name, else the one that was deleted last. */
  async function idOf(name: string): Promise<string> {
    const named = live.keys.find((key) => nameKey(key.name) === nameKey(name));
    if (named !== undefined) return named.id;
    const deleted = await listDeletedKeys(url, account, context);
    const latest = deleted.toSorted((left, right) => right.revision - left.revision);
    return findKey([...latest, ...live.keys], name, account).id;
  }
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new CommandFailure(EXIT.usage, `--limit ${text} is not a number of change sets`, { fix: "Write --limit 20." });
}
