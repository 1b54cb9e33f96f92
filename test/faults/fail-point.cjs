"use strict";
/* eslint-disable @typescript-eslint/no-require-imports -- loaded by `node --require` */
// Preloaded into the built command (`node --require`): gives every effect of a run a name, and at one of them kills the
// process as kill -9 does, or makes the effect fail. The command itself knows nothing of it.
//
// FAIL_POINT: the name, such as `rename .env.algokeys-lock 1`. FAIL_MODE: kill, error or list. FAIL_LOG: where `list`
// writes the names, one a line.
const fs = require("node:fs");
const promises = require("node:fs/promises");
const Module = require("node:module");
const { basename } = require("node:path");

const { FAIL_POINT: point, FAIL_MODE: mode, FAIL_LOG: log } = process.env;
const append = fs.appendFileSync;
const counts = new Map();
const home = process.cwd();

/** True if this is the moment to fail; a process that is to be killed does not come back. */
function isDue(what) {
  const count = (counts.get(what) ?? 0) + 1;
  counts.set(what, count);
  const name = `${what} ${count}`;
  if (mode === "list") append(log, `${name}\n`);
  if (name !== point) return false;
  append(log, `reached ${name}\n`);
  if (mode === "kill") process.kill(process.pid, "SIGKILL");
  return mode === "error";
}

function failure(what, code = "EIO") {
  return Object.assign(new Error(`${code}: made to fail, ${what}`), { code, errno: -5, syscall: what.split(" ")[0] });
}

/** Names only what lies in the run's own folder: what Node reads of itself is no business of the test. */
function named(path) {
  const text = String(path);
  if (/keys\.yaml$|\.cache$|node_modules|dist/.test(text)) return undefined;
  return text === home
    ? "the folder"
    : text.startsWith(home)
      ? basename(text).replace(/\.[0-9a-f-]{16,}/, ".*")
      : undefined;
}

function around(object, method, nameOf) {
  const real = object[method];
  object[method] = function (...values) {
    const what = nameOf(values);
    if (what !== undefined && isDue(what)) {
      const error = failure(what);
      if (object === promises) return Promise.reject(error);
      throw error;
    }
    return Reflect.apply(real, this, values);
  };
}

for (const method of ["rename", "unlink", "mkdir", "chmod", "lstat", "rm"]) {
  around(promises, method, ([path]) => named(path) && `${method} ${named(path)}`);
}
for (const method of ["openSync", "mkdirSync", "closeSync", "renameSync", "unlinkSync"]) {
  around(fs, method, ([path]) => (typeof path === "string" ? named(path) && `${method} ${named(path)}` : undefined));
}

const realWriteFile = promises.writeFile;
promises.writeFile = async (path, data, options) => {
  const file = named(path);
  if (file === undefined) return realWriteFile(path, data, options);
  if (isDue(`writeFile ${file}`)) throw failure(`write ${file}`);
  if (point === `half of writeFile ${file} 1`)
    fs.writeFileSync(path, String(data).slice(0, String(data).length / 2), options);
  if (isDue(`half of writeFile ${file}`)) throw failure(`write ${file}`, "ENOSPC");
  return realWriteFile(path, data, options);
};

const realOpen = promises.open;
promises.open = async (path, ...more) => {
  const file = named(path);
  if (file === undefined) return realOpen(path, ...more);
  if (isDue(`open ${file}`)) throw failure(`open ${file}`);
  const handle = await realOpen(path, ...more);
  for (const method of ["writeFile", "chmod", "sync", "close", "readFile", "stat"]) {
    const real = handle[method].bind(handle);
    handle[method] = async (...values) => {
      if (isDue(`${method} ${file}`)) {
        if (method === "close") await real(); // or its descriptor would be reported as leaked
        throw failure(`${method} ${file}`);
      }
      if (method === "writeFile") {
        const name = `half of writeFile ${file}`;
        if (point === `${name} ${(counts.get(name) ?? 0) + 1}`) {
          const bytes = Buffer.from(values[0]);
          await handle.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
        }
        if (isDue(name)) throw failure(`write ${file}`, "ENOSPC");
      }
      return real(...values);
    };
  }
  return handle;
};

// Transactions of SQLite, before and after they are on disk.
const loadAddon = Module._extensions[".node"];
Module._extensions[".node"] = function (module, file) {
  loadAddon.call(this, module, file);
  const { Database } = module.exports;
  if (Database === undefined) return;
  const exec = Database.prototype.exec;
  Database.prototype.exec = function (sql) {
    const [, word] = /^\s*(BEGIN|COMMIT|CREATE)/.exec(sql) ?? [];
    if (word === undefined) return exec.call(this, sql);
    const broken = () =>
      Object.assign(new module.exports.SqliteErrorForTests("disk I/O error"), { code: "SQLITE_IOERR" });
    if (isDue(`before ${word}`)) throw broken();
    const result = exec.call(this, sql);
    if (word === "COMMIT" && isDue("after COMMIT")) throw broken();
    return result;
  };
  module.exports.SqliteErrorForTests = class SqliteError extends Error {
    name = "SqliteError";
  };
};

for (const name of ["stdout", "stderr"]) {
  const stream = process[name];
  const write = stream.write;
  stream.write = function (...values) {
    if (!isDue(`write ${name}`)) return Reflect.apply(write, this, values);
    process.nextTick(() => stream.emit("error", failure(`write ${name}`, "EPIPE")));
    return false;
  };
}
