import { join } from "node:path";
import { testAgainstModel } from "./key-model-commands.ts";
import { openPlatform, tempFolders } from "./open.ts";

const folder = tempFolders();

testAgainstModel("the platform over SQLite", () => openPlatform(join(folder(), "platform.db")), {
  short: 60,
  long: 2_000,
});
