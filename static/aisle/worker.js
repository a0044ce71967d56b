// The service worker: keeps the aisle's page and what it is made of, so that it opens without a signal.
// The server writes VERSION, SHELL and FILES before this. It is registered for stock's pages and for labels' addresses,
// and has no part in any other page. Goods and people are no business of it: see outbox.js.

const PREFIX = "shoreline-aisle-";
const CACHE = PREFIX + VERSION;
const PATIENCE = 4000; // milliseconds until the kept page is shown instead, on one bar of signal

// The reader of codes is large, and not every browser needs it: without it the rest is good enough.
const later = (file) => file.includes("/zxing");

// Page and files come together or not at all: then the worker before it goes on with those it has.
const fill = async () => {
  const cache = await caches.open(CACHE);
  if (await cache.match(SHELL)) return; // it comes last: all is there
  const shell = await fetch(SHELL, { redirect: "manual", cache: "no-store" });
  if (!shell.ok) throw new Error("the page cannot be opened just now");
  await cache.addAll(FILES.filter((file) => !later(file)));
  await Promise.allSettled(FILES.filter(later).map((file) => cache.add(file)));
  await cache.put(SHELL, shell);
};

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
    await self.registration.navigationPreload?.enable(); // the server is asked while this starts
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

const kept = async (request) => (await caches.open(CACHE)).match(request);

const fetched = async (request) => {
  const found = await fetch(request);
  if (found.ok) await (await caches.open(CACHE)).put(request, found.clone());
  return found;
};

const late = (time) => new Promise((_resolve, reject) => setTimeout(() => reject(new Error("too late")), time));

const asked = async ({ request, preloadResponse }) => (await preloadResponse) ?? fetch(request);

const shell = async (event) => {
  try {
    return await Promise.race([asked(event), late(PATIENCE)]);
  } catch {
    return (await kept(SHELL)) ?? fetch(event.request);
  }
};

// Without a signal, a label opens in the aisle; any other page of stock leads there, and says why.
const elsewhere = async (event, path) => {
  try {
    return await asked(event);
  } catch {
    const code = path.match(/^\/(?:b|stock\/boxes)\/([^/]+)$/)?.[1];
    return Response.redirect(`${SHELL}?${code && code !== "new" ? `code=${code}` : "away=1"}`, 302);
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === SHELL) event.respondWith(shell(event));
    else event.respondWith(elsewhere(event, url.pathname));
  } else if (FILES.includes(url.pathname + url.search)) {
    event.respondWith(kept(request).then((found) => found ?? fetched(request)));
  }
});

// Where the browser tells that there is a signal again, a page that is open sends; without one, the next that opens does.
self.addEventListener("sync", (event) => {
  const tell = async () => (await self.clients.matchAll()).forEach((client) => client.postMessage("send"));
  event.waitUntil(tell());
});
