import { describeKeyApi } from "../contract/key-api.ts";
import { tempFolders } from "./open.ts";
import { openShared, postgresServer } from "./postgres-open.ts";

const folder = tempFolders();
const server = postgresServer();

describeKeyApi("the service over PostgreSQL", (clock) => openShared(server().createDatabase(), folder(), clock));
