/**
 * What must survive a reload or a power cut of the kiosk: joins that the server has not answered yet, in IndexedDB.
 * Where that is refused (a private window) they live as long as the page; a disk that hangs keeps nobody waiting.
 */

const NAME = "avous.kiosk";
const JOINS = "joins";
const PATIENCE_MS = 3000; // then nobody is kept waiting for the disk; it is written all the same

/** @type {Promise<IDBDatabase|null>|undefined} */
let opened;

/** @returns {Promise<IDBDatabase|null>} */
function database() {
  opened ??= new Promise((resolve) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(JOINS, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => resolve(null);
  });
  return opened;
}

/** @template T @param {IDBTransactionMode} mode @param {(joins: IDBObjectStore) => IDBRequest<T>} work @returns {Promise<T|null>} done and on disk; null: who knows */
function run(mode, work) {
  return Promise.race([written(mode, work), new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE_MS))]);
}

/** @template T @param {IDBTransactionMode} mode @param {(joins: IDBObjectStore) => IDBRequest<T>} work @returns {Promise<T|null>} */
async function written(mode, work) {
  const known = await database().catch(() => null);
  if (!known) return null;
  return new Promise((resolve) => {
    const transaction = known.transaction(JOINS, mode, { durability: "strict" });
    const request = work(transaction.objectStore(JOINS));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => resolve(null);
  });
}

/** Keep or replace. @param {{id: string}} join */
export function put(join) {
  return run("readwrite", (joins) => joins.put(join));
}

/** @param {string} id */
export function drop(id) {
  return run("readwrite", (joins) => joins.delete(id));
}

/** Everything that is kept. @returns {Promise<any[]>} */
export async function all() {
  return (await run("readonly", (joins) => joins.getAll())) || [];
}
