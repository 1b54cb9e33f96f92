import { testAgainstModel } from "./key-model-commands.ts";
import { tempFolders } from "./open.ts";
import { openShared, postgresServer } from "./postgres-open.ts";

const folder = tempFolders();
const server = postgresServer();

testAgainstModel("the platform over PostgreSQL", () => openShared(server().createDatabase(), folder()), {
  short: 20,
  long: 500,
});
